import type { State } from '../rollout/state.ts'
import { isLedgerAway } from './failure.ts'
import type { World } from './world.ts'

/**
 * A rollout's state; null when there is none, or when it can't be read (a newer Slipway wrote it): that keeps nobody from looking at
 * the others. `onUnreadable` is told why; by default nobody is, as the watch tells it. Throws while Redis is away.
 */
export async function loadIfReadable(
  rollouts: Pick<World['rollouts'], 'load'>,
  rollout: number,
  onUnreadable: (error: unknown) => void = () => undefined,
): Promise<State | null> {
  try {
    return await rollouts.load(rollout)
  } catch (error) {
    if (isLedgerAway(error)) throw error
    onUnreadable(error)
    return null
  }
}
