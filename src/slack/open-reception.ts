import type { WebClient } from '@slack/web-api'
import { isWithin } from '../clock.ts'
import type { Config } from '../config/config.ts'
import type { Environment } from '../config/environment.ts'
import type { Dependencies } from '../dependencies.ts'
import { askedPause, tell } from '../jobs/failure.ts'
import type { Clock } from '../jobs/ports.ts'
import type { Log } from '../jobs/world.ts'
import { createListener, findChannel, type Listener } from './app.ts'
import { checkBotToken } from './check-connection.ts'
import type { FrontDesk } from './desk.ts'
import { listen } from './listeners/index.ts'
import type { Look } from './look.ts'

export interface ReceptionOptions {
  readonly client: WebClient
  readonly environment: Environment['slack']
  readonly config: Config
  readonly desk: FrontDesk
  readonly look: Look
  readonly clock: Clock
  readonly log: Log
  readonly dependencies: Dependencies
  readonly signal: AbortSignal
}

/** Time between two attempts to connect, in ms. */
const pause = 2_000
/** Time between two looks at the connection, in ms: what people send meanwhile does not arrive. */
const lookEvery = 500
/** Time between two attempts when Slack has said no, which a person must mend, in ms. */
const refusedPause = 10_000
/** How often the bot token is checked while the connection stands, in ms. */
const tokenEvery = 15_000

/** What stands while Slipway is connected. */
export interface OpenReception {
  /** Do clicks and commands arrive at this moment? */
  isListening(): boolean
  close(): Promise<void>
}

/** Connects to Slack, again and again for as long as it runs. Watching and rollback do not wait for it. */
export function openReception(options: ReceptionOptions, onChannel: (id: string) => void): OpenReception {
  const { client, environment, config, desk, look, clock, log, dependencies, signal } = options
  let listener: Listener | undefined
  let explained = false
  let found: { readonly self: string; readonly channel: string } | undefined

  async function findOurs() {
    const self = await checkBotToken(client)
    const channel = await findChannel(client, config.slack.channel)
    onChannel(channel)
    found = { self, channel }
    return found
  }

  async function connect(): Promise<Listener> {
    // Looked for once: whatever became of its name since, a connection that Slack ends has to come again.
    const { self, channel } = found ?? (await findOurs())
    const candidate = createListener(environment, config.slack.timeout, log, clock)
    listener = candidate
    listen(candidate.app, { desk, look, service: config.service, self, channel: () => channel, now: () => clock.now() })
    await candidate.start()
    dependencies.told('slack', null)
    log.info({ channel }, 'connected to Slack')
    return candidate
  }

  /** Returns when the connection is broken, or at the end. Slack itself ends one every few hours: that alone is not told. */
  async function stayConnected({ isListening }: Listener): Promise<void> {
    let checked = Number.NEGATIVE_INFINITY
    for (;;) {
      await clock.wait(lookEvery, signal).catch(() => undefined)
      if (signal.aborted || !isListening()) return
      if (isWithin(tokenEvery, checked, clock.now())) continue
      dependencies.told('slack', await checkBotToken(client).then(() => null, tell))
      checked = clock.now()
    }
  }

  async function disconnect(): Promise<void> {
    const old = listener
    listener = undefined
    // A broken connection may refuse to be closed; another one is made all the same.
    await old?.app.stop().catch(() => undefined)
  }

  /** One connection from its making to its end. Returns how long to wait before the next, in ms. */
  async function connectOnce(): Promise<number> {
    try {
      const made = await connect()
      const since = clock.now()
      await stayConnected(made)
      // One that breaks at once is not made again at once.
      return clock.now() - since < pause ? pause : 0
    } catch (error) {
      return toldPause(error)
    } finally {
      await disconnect()
    }
  }

  function toldPause(error: unknown): number {
    const failure = tell(error)
    dependencies.told('slack', failure)
    if (failure.code === 'internal' && !explained)
      log.error({ err: error }, 'connecting to Slack failed; see the cause')
    explained = failure.code === 'internal'
    const refused = failure.code.startsWith('slack-') && failure.code !== 'slack-unreachable'
    return Math.max(refused ? refusedPause : pause, askedPause(error))
  }

  const running = (async () => {
    while (!signal.aborted) {
      const next = await connectOnce()
      if (next > 0) await clock.wait(next, signal).catch(() => undefined)
    }
  })()
  return { isListening: () => listener?.isListening() ?? false, close: () => running }
}
