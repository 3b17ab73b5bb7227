import type { Dependencies } from './dependencies.ts'
import { askedPause, tell } from './jobs/failure.ts'
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
      await clock.wait(Math.max(pause, askedPause(error)), signal).catch(() => undefined)
    }
  }
}
