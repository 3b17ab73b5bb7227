import { missingOf, type Readings, type Value, type Verdict } from '../rollout/analysis.ts'
import type { State } from '../rollout/state.ts'
import { own } from './outcome.ts'
import type { World } from './world.ts'

/** How many readings in a row must be missing before it is told: the first moments of a phase have none. */
const blindAfter = 3

/** Tells which metrics have had no number for too long, or that all have one again. `fresh`: the newest look is of now. */
export async function tellSight(
  world: World,
  state: State,
  verdicts: readonly Verdict[],
  history: readonly Readings[],
  fresh: boolean,
): Promise<void> {
  const missing = missingOf(verdicts)
  if (missing.length === 0) {
    // What was read long ago says nothing of a blindness that was found since.
    if (fresh) await tellSeen(world, state)
    return
  }
  const lasting = missing.filter((v) => lastsTooLong(v, history, state.spec.queryErrors ?? blindAfter))
  if (lasting.length === 0) return
  const metrics = lasting.map((v) => ({ metric: v.metric.name, reason: reasonOf(v) }))
  await world.rollouts.execute(state.rollout, own(world, { type: 'record-blind', metrics }))
}

/** Has it been missing for so many looks that it is told? Queries that fail have a budget of their own. */
function lastsTooLong({ metric, last }: Verdict, history: readonly Readings[], queryErrors: number): boolean {
  const failed = last !== undefined && 'missing' in last && last.missing === 'failed'
  const looks = failed ? Math.max(queryErrors, blindAfter) : blindAfter
  const recent = history.slice(-looks)
  return recent.length === looks && recent.every((r) => isMissing(r.values[metric.name]))
}

/** The blindness of this state is over. */
export async function tellSeen({ rollouts, ...world }: World, { rollout, blind }: State): Promise<void> {
  if (blind !== undefined) await rollouts.execute(rollout, own(world, { type: 'record-sight', since: blind.since }))
}

function isMissing(value: Value | undefined): boolean {
  return value !== undefined && 'missing' in value
}

function reasonOf(verdict: Verdict): string {
  return verdict.last !== undefined && 'missing' in verdict.last
    ? `${verdict.last.missing}: ${verdict.last.detail}`
    : ''
}
