import { fenceOf, isOver, type Parts, type State } from '../rollout/state.ts'
import { foundOf, lookForEvidence } from './evidence.ts'
import { isLedgerAway, isPassing, tell } from './failure.ts'
import { own } from './outcome.ts'
import type { RolloutJob } from './step.ts'
import type { World } from './world.ts'

/**
 * Gives stable all traffic. Asks for nothing and waits for nothing but what rule 1 allows. A failure is told (once for
 * each kind) and the queue tries again, for ever.
 */
export const rollBack: RolloutJob = async (world, rollout, last) => {
  const state = await loadOrKnown(world, rollout)
  const order = state?.rollback
  if (state === null || order === undefined || isOver(state)) return
  const whenEmpty = order.cause === 'person' && order.forced ? 'go-ahead' : 'hold'
  try {
    const parts = state.parts ?? (await claimedParts(world, rollout))
    const fence = fenceOf(state, order.version)
    // Held as stable had no pod at all: those that come are waited for as at first.
    const since = order.failing === 'stable-not-ready' ? world.clock.now() : order.orderedAt
    // What was never claimed can't have been shifted.
    const { from, steps } =
      parts === null
        ? { from: 0, steps: [] }
        : await world.cluster.restore(parts.stable, parts.stableSize, fence, whenEmpty, since)
    const restored = { type: 'record-restored', from, steps, restoredAt: world.clock.now() } as const
    await world.rollouts.execute(rollout, own(world, restored))
  } catch (error) {
    if (tell(error).code === 'newer-fence' && (await isBehind(world, state))) return rollBack(world, rollout, last)
    // Redis away is no failure of the rollback: what was written is recorded by the next try.
    if (!isLedgerAway(error))
      await world.rollouts.execute(rollout, own(world, { type: 'record-rollback-failure', ...tell(error) }))
    throw error
  }
}

/** The parts of a rollout that was claimed without a record of it; null when the cluster carries no claim, or can't be read for good. */
async function claimedParts(world: World, rollout: number): Promise<Parts | null> {
  try {
    const view = await world.cluster.view()
    const { mark } = view.route
    return mark?.rollout === rollout ? foundOf(view, mark) : null
  } catch (error) {
    if (isPassing(error)) throw error
    return null
  }
}

/** Nothing of this rollout is ordered after its rollback: a newer fence shows that the ledger has lost its end, or a newer rollout. */
async function isBehind(world: World, state: State): Promise<boolean> {
  try {
    await lookForEvidence(world)
    const now = await world.rollouts.load(state.rollout)
    return now !== null && (isOver(now) || now.fenceFloor > state.fenceFloor)
  } catch {
    // The rollback's own failure is what is told.
    return false
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
