import { fenceOf, isOver, type State } from '../rollout/state.ts'
import { isLedgerAway, tell } from './failure.ts'
import { own } from './outcome.ts'
import type { RolloutJob } from './step.ts'
import type { World } from './world.ts'

/**
 * Gives stable all traffic. Asks for nothing and waits for nothing but what rule 1 allows. A failure is told (once for
 * each kind) and the queue tries again, for ever.
 */
export const rollBack: RolloutJob = async (world, rollout) => {
  const state = await loadOrKnown(world, rollout)
  const order = state?.rollback
  if (state === null || order === undefined || isOver(state)) return
  if (state.parts === undefined) {
    // Nothing was ever claimed, so nothing can have been shifted.
    const restored = { type: 'record-restored', from: 0, steps: [], restoredAt: world.clock.now() } as const
    await world.rollouts.execute(rollout, own(world, restored))
    return
  }
  const whenEmpty = order.cause === 'person' && order.forced ? 'go-ahead' : 'hold'
  const { stable, stableSize } = state.parts
  try {
    const fence = fenceOf(state, order.version)
    const { from, steps } = await world.cluster.restore(stable, stableSize, fence, whenEmpty)
    const restored = { type: 'record-restored', from, steps, restoredAt: world.clock.now() } as const
    await world.rollouts.execute(rollout, own(world, restored))
  } catch (error) {
    // Redis away is no failure of the rollback: what was written is recorded by the next try.
    if (!isLedgerAway(error))
      await world.rollouts.execute(rollout, own(world, { type: 'record-rollback-failure', ...tell(error) }))
    throw error
  }
}

async function loadOrKnown(world: World, rollout: number): Promise<State | null> {
  try {
    return await world.rollouts.load(rollout)
  } catch (error) {
    const known = world.rollouts.known().find((s) => s.rollout === rollout)
    if (known === undefined) throw error
    return known
  }
}
