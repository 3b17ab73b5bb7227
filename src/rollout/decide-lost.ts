import type { CommandOf } from './commands.ts'
import { slipway } from './decide-rollback.ts'
import { type Decision, nothing } from './decision.ts'
import { isOver, type State } from './state.ts'

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
 * The cluster carries a fence that this ledger never gave: Redis came back older. What happened in between is not
 * guessed; the rollout holds, and a rollback gets a fence that counts.
 */
export function decideNewerFence(state: State, command: CommandOf<'record-newer-fence'>): Decision {
  const { fence, weight } = command
  if (isOver(state) || fence.rollout < state.rollout) return nothing
  if (fence.rollout > state.rollout) return { events: [{ type: 'superseded', by: slipway, fence }] }
  if (fence.version <= state.fenceFloor + state.version) return nothing
  return { events: [{ type: 'record-lost', weight, fence }] }
}
