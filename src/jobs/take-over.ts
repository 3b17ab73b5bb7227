import { SlipwayError } from '../errors.ts'
import { otherImages } from '../rollout/image-ids.ts'
import { orderOf, type State, signedWeight } from '../rollout/state.ts'
import { driftOf } from './drift.ts'
import { isPassing, tell } from './failure.ts'
import { keptFromRising } from './kept-from-rising.ts'
import { own } from './outcome.ts'
import type { RolloutJob } from './step.ts'
import type { ActingWorld } from './world.ts'

/** A change of weights, images and sizes at once: more looks than these would find nothing new. */
const looks = 5

/** Writes Slipway's own again over somebody else's change. What won't pass by itself is told, and asked about again. */
export const takeOver: RolloutJob = async (world, rollout, last) => {
  const order = (await world.rollouts.load(rollout))?.drift?.takenOver
  if (order === undefined) return
  try {
    await writeOwn(world, rollout)
  } catch (error) {
    if (isPassing(error) && !last) throw error
    const { what, todo } = tell(error)
    await world.rollouts.execute(rollout, own(world, { type: 'record-take-over-failed', order, what, todo }))
    world.log.warn({ err: error, rollout }, 'taking over failed; a person is asked')
  }
}

/** What keeps a weight from rising to a new phase keeps it from rising back, too. */
async function refuseRise(world: ActingWorld, state: State, from: number, to: number): Promise<void> {
  // A weight that was accepted where it stood, after the record was lost, is nobody's to write.
  if (to > signedWeight(state)) throw new SlipwayError('rise-unsigned', { from, to })
  const { imageIds = [], signedIds } = state
  const isSigned = signedIds === undefined || otherImages(imageIds, signedIds).length === 0
  const by = isSigned ? await keptFromRising(world, state, from) : 'pods of another image than was signed for'
  if (by !== null) throw new SlipwayError('rise-held', { from, to, by })
}

/** One thing after the other, until nothing is left. */
async function writeOwn(world: ActingWorld, rollout: number): Promise<void> {
  for (let look = 0; look < looks; look++) {
    const at = world.clock.now()
    const before = await world.rollouts.load(rollout)
    const view = await world.cluster.view()
    const state = await world.rollouts.load(rollout)
    const order = state?.drift?.takenOver
    if (state?.parts === undefined || state.rollback !== undefined || order === undefined) return
    // A look from before this change says nothing of it.
    if (before?.version !== state.version) continue
    const drift = driftOf(state, view)
    if (drift === null) {
      await world.rollouts.execute(rollout, own(world, { type: 'record-no-drift', since: state.drift?.at ?? 0 }))
      return
    }
    if (drift.larger !== undefined) {
      // Nobody has decided about these pods yet: they may serve, and stay until somebody does.
      const { what, manager, larger } = drift
      await world.rollouts.execute(rollout, own(world, { type: 'record-drift', what, manager, larger }))
      return
    }
    const again = orderOf(state, order)
    if ('weight' in drift.own) {
      const { weight, found } = drift.own
      if (weight > found && drift.what !== state.drift?.what) {
        // Nobody has decided about this one yet: it may be somebody's own way of taking the traffic back.
        const { what, manager } = drift
        await world.rollouts.execute(rollout, own(world, { type: 'record-drift', what, manager }))
        return
      }
      if (weight > found) await refuseRise(world, state, found, weight)
      // A process that stands still after this must not write what somebody has changed once more.
      const until = at + 2 * world.config.cluster.timeout
      await world.cluster.shift(state.parts.canary, weight, found, { ...again, until })
    } else await world.cluster.size(drift.own.track, { ...drift.own, atLeast: true }, again)
  }
  throw new Error('somebody else writes again and again')
}
