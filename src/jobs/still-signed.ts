import { SlipwayError } from '../errors.ts'
import { phaseOf, type State } from '../rollout/state.ts'
import type { World } from './world.ts'

/**
 * A phase that has started and was held may not write its weight later than its sign-offs stand. What is written already only lacks its
 * record. @throws sign-offs-lapsed
 */
export async function refuseLapsed(world: World, state: State): Promise<void> {
  const { parts, phase } = state
  const { signedUntil } = state.phases.at(-1) ?? {}
  if (parts === undefined || signedUntil === undefined || world.clock.now() < signedUntil) return
  const { weights } = (await world.cluster.view()).route
  if (weights[parts.canary] !== phaseOf(state, phase)?.weight) throw new SlipwayError('sign-offs-lapsed', { phase })
}
