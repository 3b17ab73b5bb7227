import { isObserved, judgeAll } from '../rollout/analysis.ts'
import { isHeld } from '../rollout/hold.ts'
import { gateClosedBy } from '../rollout/sign-off.ts'
import { type State, watchedPhase } from '../rollout/state.ts'
import { without } from '../rollout/state-changes.ts'
import { holdsAt } from './holds.ts'
import type { World } from './world.ts'

/** How many intervals a reading says something about now. */
const readingLasts = 3

/** Is the service frozen or locked at this moment, as far as this rollout has not been let go on? */
export async function isHeldNow(world: World, state: State): Promise<boolean> {
  return isHeld(state, await holdsAt(world, world.clock.now()))
}

/**
 * What the readings of what is watched say right now against more traffic: a broken limit, or that nobody knows; null when nothing does.
 * `weight`: what the canary gets now, in percent.
 */
export async function againstMore(
  world: World,
  state: State,
  weight: number,
): Promise<'broken limit' | 'missing numbers' | null> {
  // Until a phase is shifted, the one before is watched.
  const since = world.clock.now() - readingLasts * state.spec.interval
  const readings = await world.beside.readings(state.rollout, watchedPhase(state).phase)
  const verdicts = judgeAll(
    state.spec,
    readings.filter((r) => r.at >= since),
  )
  // A missing number clears nothing: what was broken before it still counts.
  if (verdicts.some((v) => v.row.length > 0 || v.state === 'broken' || v.state === 'confirmed')) return 'broken limit'
  // While the canary has no traffic nobody reads: what was broken once must not hold it for ever.
  return weight > 0 && !isObserved(verdicts) ? 'missing numbers' : null
}

/**
 * What keeps the canary's weight from rising from what it gets now (percent), other than a change that somebody has decided to take over;
 * null when nothing does.
 */
export async function keptFromRising(world: World, state: State, weight: number): Promise<string | null> {
  const gate = gateClosedBy(without(state, 'drift'))
  if (gate !== null) return gate
  if (await isHeldNow(world, state)) return 'freeze or lock'
  return againstMore(world, state, weight)
}
