import { judgeAll } from '../rollout/analysis.ts'
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

/** Is a limit broken right now, by the readings of what is watched? */
export async function isBroken(world: World, state: State): Promise<boolean> {
  // Until a phase is shifted, the one before is watched. While the canary has no traffic nobody reads: what was broken once must not hold it for ever.
  const since = world.clock.now() - readingLasts * state.spec.interval
  const readings = await world.beside.readings(state.rollout, watchedPhase(state).phase)
  const verdicts = judgeAll(
    state.spec,
    readings.filter((r) => r.at >= since),
  )
  // A missing number clears nothing: what was broken before it still counts.
  return verdicts.some((v) => v.row.length > 0 || v.state === 'broken' || v.state === 'confirmed')
}

/** What keeps the canary's weight from rising, other than a change that somebody has decided to take over; null when nothing does. */
export async function keptFromRising(world: World, state: State): Promise<string | null> {
  const gate = gateClosedBy(without(state, 'drift'))
  if (gate !== null) return gate
  if (await isHeldNow(world, state)) return 'freeze or lock'
  return (await isBroken(world, state)) ? 'broken limit' : null
}
