import { SlipwayError } from './errors.ts'
import { tell } from './jobs/failure.ts'
import type { World } from './jobs/world.ts'

/** Time between two tries, in ms, unless Slack asks for more. */
const pause = 5_000

/** Finds the channel for a process that does not listen to Slack, again and again until it is known. */
export async function followChannel(
  find: () => Promise<string>,
  { clock, log }: Pick<World, 'clock' | 'log'>,
  signal: AbortSignal,
  onChannel: (id: string) => void,
): Promise<void> {
  for (let told = false; !signal.aborted; told = true) {
    try {
      return onChannel(await find())
    } catch (error) {
      if (!told) log.error({ err: error }, `Slack's channel is not known yet: ${tell(error).what} Trying again`)
      const asked = error instanceof SlipwayError && 'after' in error.detail ? error.detail.after : 0
      await clock.wait(Math.max(pause, Number(asked)), signal).catch(() => undefined)
    }
  }
}
