import { App, type Logger, LogLevel, SocketModeReceiver } from '@slack/bolt'
import { WebClient, type WebClientOptions } from '@slack/web-api'
import { z } from 'zod'
import type { Environment } from '../config/environment.ts'
import { type ErrorCode, SlipwayError } from '../errors.ts'
import type { Clock } from '../jobs/ports.ts'
import type { Log } from '../jobs/world.ts'
import { namingToken } from './check-connection.ts'
import { call } from './messenger.ts'
import { createRefusedRequests } from './refused-requests.ts'

/** Codes of what passes by itself: Slack, or Slack and Redis, can't be reached for a moment. */
const away: ReadonlySet<string> = new Set<ErrorCode>(['slack-unreachable', 'slack-throttled', 'ledger-unavailable'])

/** Slack's client retries for half an hour and never times out by itself: here the queue retries, and a call has a limit. */
function clientOptions(environment: Pick<Environment['slack'], 'apiUrl'>, timeout: number): WebClientOptions {
  const { apiUrl } = environment
  return {
    timeout,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logLevel: LogLevel.ERROR,
    ...(apiUrl !== undefined && { slackApiUrl: apiUrl }),
  }
}

export function createClient(
  environment: Pick<Environment['slack'], 'botToken' | 'apiUrl'>,
  timeout: number,
): WebClient {
  return new WebClient(environment.botToken.reveal(), clientOptions(environment, timeout))
}

/** The Bolt app, and whether clicks arrive through it at this moment. */
export interface Listener {
  readonly app: App
  /** Resolves when clicks arrive. @throws SlipwayError `slack-token`, `slack-refused` or `slack-unreachable`. */
  readonly start: () => Promise<void>
  readonly isListening: () => boolean
}

/** Listens over a socket, or over HTTP with signed requests. */
export function createListener(environment: Environment['slack'], timeout: number, log: Log, clock: Clock): Listener {
  const { botToken, connection } = environment
  const options = clientOptions(environment, timeout)
  const logger = loggerTo(log)
  // The library would ask Slack who the bot is when the first click arrives, and lose the click where no answer comes.
  const authorize = async () => ({ botToken: botToken.reveal() })
  const common = { authorize, clientOptions: options, logger }
  const listener = connection.kind === 'socket' ? overSocket(connection.appToken.reveal()) : overHttp(connection)
  listener.app.error(async (error) => {
    const { code } = error
    if (code.startsWith('slack_socket_mode_') || away.has(code))
      log.warn({ err: error }, 'something from Slack was not acknowledged; Slack sends it again, or tells its sender')
    else log.error({ err: error }, 'Slack sent something that could not be taken; compare the app with manifest.yml')
  })
  return listener

  function overSocket(appToken: string): Listener {
    const receiver = new SocketModeReceiver({
      ...{ appToken, logger, installerOptions: { clientOptions: options } },
      // When its own second attempt fails, nobody catches that, and the process ends: `openReception` connects again.
      autoReconnectEnabled: false,
    })
    const app = new App({ ...common, receiver })
    const method = 'apps.connections.open'
    let isConnected = false
    const start = async () => {
      const over = new AbortController()
      const started = call(method, () => app.start()).then(() => true)
      const late = clock.wait(2 * timeout, over.signal).then(
        () => false,
        () => false,
      )
      const inTime = await Promise.race([started, late]).finally(() => over.abort())
      if (!inTime) throw new SlipwayError('slack-unreachable', { method })
      isConnected = true
    }
    return {
      app,
      start: () => namingToken('SLACK_APP_TOKEN', start),
      // A socket that stands brings nothing before Slack has said hello.
      isListening: () => isConnected && (receiver.client.websocket?.isActive() ?? false),
    }
  }

  function overHttp({ signingSecret, port }: Extract<typeof connection, { kind: 'http' }>): Listener {
    const refused = createRefusedRequests(log)
    const warn = (...told: unknown[]) => refused.told(told.map(String).join(' '))
    const app = new App({ ...common, logger: { ...logger, warn }, signingSecret: signingSecret.reveal(), port })
    app.use(async ({ next }) => {
      refused.over()
      await next()
    })
    return { app, start: async () => void (await app.start()), isListening: () => true }
  }
}

/** The libraries' own words on a broken connection become lines of ours: it heals itself, so they are warnings. */
function loggerTo(log: Log): Logger {
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (...told) => log.warn({ told: told.map(String) }, 'the connection to Slack broke; connecting again'),
    setLevel: () => undefined,
    getLevel: () => LogLevel.ERROR,
    setName: () => undefined,
  }
}

const channel = z.object({ id: z.string(), name: z.string().exactOptional(), is_member: z.boolean().exactOptional() })
const named = z.object({ channel })
const channels = z.object({
  channels: z.array(channel),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
})

/**
 * The id of the configured channel, which may be given as an id or as `#name`.
 * @throws SlipwayError `slack-channel` when there is none or Slipway is not in it, or what `call` throws.
 */
export async function findChannel(client: WebClient, configured: string): Promise<string> {
  const found = configured.startsWith('#') ? await byName(client, configured) : await byId(client, configured)
  if (found === null) throw new SlipwayError('slack-channel', { channel: configured, error: 'unknown' })
  if (found.is_member === false) throw new SlipwayError('slack-channel', { channel: configured, error: 'not a member' })
  return found.id
}

type Channel = z.infer<typeof channel>

async function byId(client: WebClient, id: string): Promise<Channel | null> {
  try {
    return named.parse(await call('conversations.info', () => client.conversations.info({ channel: id }))).channel
  } catch (error) {
    if (error instanceof SlipwayError && 'error' in error.detail && error.detail.error === 'channel_not_found')
      return null
    throw error
  }
}

/**
 * Looked for among those that Slipway is in: all channels of a large workspace are more than Slack gives at one go. Among all only to
 * tell one that Slipway is not in from none.
 */
async function byName(client: WebClient, configured: string): Promise<Channel | null> {
  const own = await findIn(client, 'users.conversations', configured)
  return own === null ? findIn(client, 'conversations.list', configured) : { is_member: true, ...own }
}

async function findIn(
  client: WebClient,
  method: 'users.conversations' | 'conversations.list',
  configured: string,
): Promise<Channel | null> {
  let cursor: string | undefined
  do {
    const query = {
      limit: 200,
      exclude_archived: true,
      types: 'public_channel,private_channel',
      ...(cursor && { cursor }),
    }
    const page = channels.parse(await call(method, () => client.apiCall(method, query)))
    const found = page.channels.find((c) => c.name === configured.slice(1))
    if (found !== undefined) return found
    cursor = page.response_metadata?.next_cursor
  } while (cursor !== undefined && cursor !== '')
  return null
}
