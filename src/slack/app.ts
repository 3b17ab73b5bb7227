import { App, LogLevel } from '@slack/bolt'
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

/** The Bolt app: over a socket, or over HTTP with signed requests. */
export function createApp(environment: Environment['slack'], timeout: number, log: Log): App {
  const { botToken, connection } = environment
  const common = {
    token: botToken.reveal(),
    clientOptions: clientOptions(environment, timeout),
    tokenVerificationEnabled: false,
    logLevel: LogLevel.ERROR,
  }
  const app =
    connection.kind === 'socket'
      ? new App({ ...common, appToken: connection.appToken.reveal(), socketMode: true })
      : new App({ ...common, signingSecret: connection.signingSecret.reveal(), port: connection.port })
  app.error(async (error) => {
    log.error({ err: error }, 'Slack sent something that could not be taken; compare the app with manifest.yml')
  })
  return app
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
