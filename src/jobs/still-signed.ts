import { SlipwayError } from '../errors.ts'
import { phaseOf, type State } from '../rollout/state.ts'
import { hasLapsed } from '../rollout/unsigned.ts'
import { unreachableSince } from './slack-heard.ts'
import type { World } from './world.ts'

/**
 * A phase that has started and was held may not write its weight later than its sign-offs stand. What is written already only lacks its
 * record. False where that time has passed and Slack can't be reached: it may still get the absence added. @throws sign-offs-lapsed
 */
export async function isStillSigned(world: World, state: State): Promise<boolean> {
  const { parts, phase } = state
  if (parts === undefined || !hasLapsed(state, world.clock.now())) return true
  const { weights } = (await world.cluster.view()).route
  if (weights[parts.canary] === phaseOf(state, phase)?.weight) return true
  // After an absence of Slipway itself, too: nobody has told the rollout of it yet.
  if ((await unreachableSince(world, null)) !== null) return false
  throw new SlipwayError('sign-offs-lapsed', { phase })
}
