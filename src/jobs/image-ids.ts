import { SlipwayError } from '../errors.ts'
import { isNews } from '../rollout/image-ids.ts'
import { hasDigest } from '../rollout/plan-text.ts'
import type { State } from '../rollout/state.ts'
import { tell } from './failure.ts'
import { own } from './outcome.ts'
import type { TrackView } from './ports.ts'
import type { World } from './world.ts'

/**
 * The same tag may come to mean other bytes; old pods that are still leaving say nothing about that. A phase under way is stopped by new ones.
 * Returns whether there was anything to tell.
 */
export async function tellImageIds({ rollouts, ...world }: World, state: State, canary: TrackView): Promise<boolean> {
  const { rollout, rollback, spec } = state
  const ids = [...canary.imageIds].toSorted()
  if (rollback !== undefined || canary.image !== spec.image || ids.length === 0) return false
  if (hasDigest(spec.image) || !isNews(state, ids)) return false
  const failure = tell(new SlipwayError('image-changed', {}))
  await rollouts.execute(rollout, own(world, { type: 'record-image-ids', ids, failure }))
  return true
}
