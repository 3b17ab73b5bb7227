import { App, type Logger, LogLevel, SocketModeReceiver } from '@slack/bolt'
import { WebClient, type WebClientOptions } from '@slack/web-api'
import { z } from 'zod'
import type { Environment } from '../config/environment.ts'
import { SlipwayError } from '../errors.ts'
import type { Log } from '../jobs/world.ts'
import { call } from './messenger.ts'

/** Slack's client retries for half an hour and never times out by itself: here the queue retries, and a call has a limit. */
function clientOptions(environment: Environment['slack'], timeout: number): WebClientOptions {
  const { apiUrl } = environment
  return {
    timeout,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logLevel: LogLevel.ERROR,
    ...(apiUrl !== undefined && { slackApiUrl: apiUrl }),
  }
}

export function createClient(environment: Environment['slack'], timeout: number): WebClient {
  return new WebClient(environment.botToken.reveal(), clientOptions(environment, timeout))
}

/** The Bolt app, and whether clicks arrive through it at this moment. */
export interface Listener {
  readonly app: App
  readonly isListening: () => boolean
}

/** Listens over a socket, or over HTTP with signed requests. */
export function createListener(environment: Environment['slack'], timeout: number, log: Log): Listener {
  const { botToken, connection } = environment
  const options = clientOptions(environment, timeout)
  const logger = loggerTo(log)
  const common = { token: botToken.reveal(), clientOptions: options, tokenVerificationEnabled: false, logger }
  const listener = connection.kind === 'socket' ? overSocket(connection.appToken.reveal()) : overHttp(connection)
  listener.app.error(async (error) => {
    log.error({ err: error }, 'Slack sent something that could not be taken; compare the app with manifest.yml')
  })
  return listener

  function overSocket(appToken: string): Listener {
    const receiver = new SocketModeReceiver({ appToken, logger, installerOptions: { clientOptions: options } })
    const app = new App({ ...common, receiver })
    return { app, isListening: () => receiver.client.websocket?.isActive() ?? false }
  }

  function overHttp({ signingSecret, port }: Extract<typeof connection, { kind: 'http' }>): Listener {
    return { app: new App({ ...common, signingSecret: signingSecret.reveal(), port }), isListening: () => true }
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

const channels = z.object({
  channels: z.array(z.object({ id: z.string(), name: z.string().exactOptional() })),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
})

/** The id of the configured channel, which may be given as an id or as `#name`. */
export async function findChannel(client: WebClient, configured: string): Promise<string> {
  if (!configured.startsWith('#')) return configured
  const method = 'conversations.list'
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
    if (found !== undefined) return found.id
    cursor = page.response_metadata?.next_cursor
  } while (cursor !== undefined && cursor !== '')
  throw new SlipwayError('slack-refused', { method, error: `no channel ${configured}` })
}
