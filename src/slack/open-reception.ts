import type { App } from '@slack/bolt'
import type { WebClient } from '@slack/web-api'
import type { Config } from '../config/config.ts'
import type { Environment } from '../config/environment.ts'
import type { Dependencies } from '../dependencies.ts'
import { tell } from '../jobs/failure.ts'
import type { Clock } from '../jobs/ports.ts'
import type { Log } from '../jobs/world.ts'
import { createApp, findChannel } from './app.ts'
import type { FrontDesk } from './desk.ts'
import { listen } from './listeners/index.ts'

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

const pause = 2_000

/** Connects to Slack, again and again until it answers; returns how to leave. Watching and rollback do not wait for it. */
export function openReception(options: ReceptionOptions, onChannel: (id: string) => void): () => Promise<void> {
  const { client, environment, config, desk, clock, log, dependencies, signal } = options
  let app: App | undefined
  let channel = ''
  dependencies.told('slack', false, 'connecting')
  const opened = (async () => {
    let told = false
    while (!signal.aborted) {
      try {
        channel = await findChannel(client, config.slack.channel)
        onChannel(channel)
        const candidate = createApp(environment, config.slack.timeout, log)
        listen(candidate, { desk, service: config.service, channel: () => channel, now: () => clock.now() })
        await candidate.start()
        app = candidate
        dependencies.told('slack', true)
        log.info({ channel }, 'connected to Slack')
        return
      } catch (error) {
        if (!told)
          log.error({ err: error }, `Slack can't be reached: ${tell(error).what} Check the tokens; trying again`)
        told = true
        await clock.wait(pause, signal).catch(() => undefined)
      }
    }
  })()
  return async () => {
    await opened
    await app?.stop()
  }
}
