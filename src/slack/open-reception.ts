import type { WebClient } from '@slack/web-api'
import type { Config } from '../config/config.ts'
import type { Environment } from '../config/environment.ts'
import type { Dependencies } from '../dependencies.ts'
import { tell } from '../jobs/failure.ts'
import type { Clock } from '../jobs/ports.ts'
import type { Log } from '../jobs/world.ts'
import { createListener, findChannel, type Listener } from './app.ts'
import type { FrontDesk } from './desk.ts'
import { listen } from './listeners/index.ts'
import { call } from './messenger.ts'

export interface ReceptionOptions {
  readonly client: WebClient
  readonly environment: Environment['slack']
  readonly config: Config
  readonly desk: FrontDesk
  readonly clock: Clock
  readonly log: Log
  readonly dependencies: Dependencies
  readonly signal: AbortSignal
}

/** Time between two attempts to connect, and between two looks at the connection, in ms. */
const pause = 2_000
/** A connection that stays broken for longer than this is made anew: the client's own pauses grow without bound. */
const patience = 20_000

/** What stands while Slipway is connected. */
export interface OpenReception {
  /** Do clicks and commands arrive at this moment? */
  isListening(): boolean
  close(): Promise<void>
}

/** Connects to Slack, again and again for as long as it runs. Watching and rollback do not wait for it. */
export function openReception(options: ReceptionOptions, onChannel: (id: string) => void): OpenReception {
  const { client, environment, config, desk, clock, log, dependencies, signal } = options
  let listener: Listener | undefined
  let told = false
  dependencies.told('slack', false, 'connecting')

  async function connect(): Promise<void> {
    const channel = await findChannel(client, config.slack.channel)
    onChannel(channel)
    const candidate = createListener(environment, config.slack.timeout, log)
    listen(candidate.app, { desk, service: config.service, channel: () => channel, now: () => clock.now() })
    await call('apps.connections.open', () => candidate.app.start())
    listener = candidate
    dependencies.told('slack', true)
    log.info({ channel }, 'connected to Slack')
    told = false
  }

  /** Returns when the connection has been broken for too long, or at the end. */
  async function stayConnected(): Promise<void> {
    let since: number | null = null
    while (!signal.aborted) {
      const listening = listener?.isListening() ?? false
      dependencies.told('slack', listening)
      since = listening ? null : (since ?? clock.now())
      if (since !== null && clock.now() - since >= patience) return
      await clock.wait(pause, signal).catch(() => undefined)
    }
  }

  async function disconnect(): Promise<void> {
    const old = listener
    listener = undefined
    // A broken connection may refuse to be closed; another one is made all the same.
    await old?.app.stop().catch(() => undefined)
  }

  const running = (async () => {
    while (!signal.aborted) {
      try {
        await connect()
        await stayConnected()
      } catch (error) {
        if (!told) log.warn({ err: error }, `Slack can't be reached: ${tell(error).what} Trying again`)
        told = true
        await clock.wait(pause, signal).catch(() => undefined)
      }
      await disconnect()
    }
  })()
  return { isListening: () => listener?.isListening() ?? false, close: () => running }
}
