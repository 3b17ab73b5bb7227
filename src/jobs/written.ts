import { dueJobs } from '../rollout/effects.ts'
import { fenceOf, phaseOf, type State } from '../rollout/state.ts'
import { isHeldNow } from './kept-from-rising.ts'
import { own } from './outcome.ts'
import type { ClusterView } from './ports.ts'
import type { World } from './world.ts'

/**
 * Records the weight of a phase that was written by a process that died, or without Redis, where the phase has been stopped or held since:
 * its shift does not come again before that is over.
 */
export async function recordWritten(world: World, state: State, { route }: ClusterView): Promise<void> {
  const { parts, rollout, weight: from } = state
  const phase = phaseOf(state, state.phase)
  if (state.stage !== 'shifting' || parts === undefined || phase === undefined) return
  if (route.weights[parts.canary] !== phase.weight || !isOwn(state, route)) return
  if (dueJobs(state).some(({ name }) => name === 'shift') && !(await isHeldNow(world, state))) return
  const { number, weight } = phase
  await world.rollouts.execute(rollout, own(world, { type: 'record-shifted', phase: number, from, weight, steps: [] }))
}

/** Does the mark say that the weights were written by the order of this phase, and not by somebody else? */
function isOwn(state: State, { mark }: ClusterView['route']): boolean {
  const { rollout, version, hash } = fenceOf(state, state.phaseVersion)
  return mark?.rollout === rollout && mark.version === version && mark.hash === hash && !mark.closed
}
