import type { CommandOf, Found } from './commands.ts'
import { slipway } from './decide-rollback.ts'
import { type Decision, nothing } from './decision.ts'
import { holdsService, isOver, knownOrders, newestFence, type State } from './state.ts'

/** The cluster is the evidence of a rollout that the ledger knows nothing of: it holds, and waits for a person (rule 8). */
export function decideFound(command: CommandOf<'record-found'>): Decision {
  const { spec, stable, canary, stableSize, stableImage, canaryImage, weight, fence } = command
  return {
    events: [
      { type: 'rollout-found', spec, by: slipway, stable, canary, stableSize, stableImage, canaryImage, weight, fence },
    ],
  }
}

/**
 * The cluster carries a fence that this ledger never gave: Redis came back older, and may have gone on from there past the
 * version it lost. What happened in between is not guessed; the rollout holds, and a rollback gets a fence that counts.
 */
export function decideNewerFence(state: State, command: CommandOf<'record-newer-fence'>): Decision {
  const { fence, weight, stable, canary, stableSize, stableImage, canaryImage } = command
  // One that is over would still keep the newer one from being taken up, as long as its clean-up is due.
  if (fence.rollout > state.rollout)
    return holdsService(state) ? { events: [{ type: 'superseded', by: slipway, fence }] } : nothing
  if (isOver(state) || !isUnknown(state, fence)) return nothing
  const parts = { stable, canary, stableSize, stableImage, canaryImage }
  return { events: [{ type: 'record-lost', weight, fence, ...(state.parts === undefined && { parts }) }] }
}

/** Does the fence show that this record is not whole? One without a hash (of an older Slipway) tells only by its version. */
export function isUnknown(state: State, { rollout, version, hash }: Found['fence']): boolean {
  if (rollout !== state.rollout) return rollout > state.rollout
  return version > newestFence(state).version || (hash !== undefined && !knownOrders(state).includes(hash))
}
