import { fenceOf } from '../rollout/state.ts'
import { driftOf } from './drift.ts'
import { own } from './outcome.ts'
import type { RolloutJob } from './step.ts'

/** A change of weights, images and sizes at once: more looks than these would find nothing new. */
const looks = 5

/** Writes Slipway's own again over somebody else's change, one thing after the other, and says when nothing is left. */
export const takeOver: RolloutJob = async (world, rollout) => {
  for (let look = 0; look < looks; look++) {
    const view = await world.cluster.view()
    const state = await world.rollouts.load(rollout)
    const order = state?.drift?.takenOver
    if (state?.parts === undefined || state.rollback !== undefined || order === undefined) return
    const drift = driftOf(state, view)
    if (drift === null) {
      await world.rollouts.execute(rollout, own(world, { type: 'record-no-drift' }))
      return
    }
    if (drift.larger !== undefined) {
      // Nobody has decided about these pods yet: they may serve, and stay until somebody does.
      const { what, manager, larger } = drift
      await world.rollouts.execute(rollout, own(world, { type: 'record-drift', what, manager, larger }))
      return
    }
    const fence = fenceOf(state, order)
    if ('weight' in drift.own) await world.cluster.shift(state.parts.canary, drift.own.weight, drift.own.found, fence)
    else await world.cluster.size(drift.own.track, { ...drift.own, atLeast: true }, fence)
  }
  throw new Error('somebody else writes again and again')
}
