import type { Dependencies } from './dependencies.ts'
import { SlipwayError } from './errors.ts'
import { tell } from './jobs/failure.ts'
import type { Clock } from './jobs/ports.ts'

/** Time between two tries, in ms, unless Slack asks for more. */
const pause = 5_000

/** Finds the channel for a process that does not listen to Slack, again and again until it is known. */
export async function followChannel(
  find: () => Promise<string>,
  { clock, dependencies }: { readonly clock: Clock; readonly dependencies: Pick<Dependencies, 'told'> },
  signal: AbortSignal,
  onChannel: (id: string) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      onChannel(await find())
      dependencies.told('slack', null)
      return
    } catch (error) {
      dependencies.told('slack', tell(error))
      const asked = error instanceof SlipwayError && 'after' in error.detail ? error.detail.after : 0
      await clock.wait(Math.max(pause, Number(asked)), signal).catch(() => undefined)
    }
  }
}
