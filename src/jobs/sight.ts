import { judgeAll, missingOf, outcomeOf, type Readings, type Value, type Verdict } from '../rollout/analysis.ts'
import type { RolloutSpec } from '../rollout/plan.ts'
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
  const missing = missingOf(verdicts).filter((v) => !isToldAsBreach(v))
  if (missing.length === 0) {
    // What was read long ago says nothing of a blindness that was found since.
    if (fresh) await tellSeen(world, state)
    return
  }
  const lasting = missing.filter((v) => lastsTooLong(v, history, state.spec))
  const told = lasting.length > 0 ? lasting : missingInTurn(history, state.spec)
  if (told.length === 0) return
  const metrics = told.map((v) => ({ metric: v.metric.name, reason: reasonOf(v) }))
  await world.rollouts.execute(state.rollout, own(world, { type: 'record-blind', metrics }))
}

/**
 * So many looks without a number are told. Queries that fail have a budget of their own; a number whose lack counts as a breach gets as many
 * as confirm it, so that nobody is told of a soak that holds just before it is rolled back.
 */
function looksUntilTold({ queryErrors = blindAfter }: RolloutSpec, { metric, last }: Verdict): number {
  if (last === undefined || !('missing' in last)) return blindAfter
  const budget = last.missing === 'failed' ? queryErrors : 0
  const confirming = outcomeOf(metric, last.missing) === 'breach' ? metric.confirm : 0
  return Math.max(blindAfter, budget, confirming)
}

/** A number whose lack has broken the limit holds nothing. */
function isToldAsBreach({ state, row }: Verdict): boolean {
  return state === 'confirmed' && row.at(-1)?.value === null
}

/** Has it been missing for so many looks that it is told? */
function lastsTooLong(verdict: Verdict, history: readonly Readings[], spec: RolloutSpec): boolean {
  const looks = looksUntilTold(spec, verdict)
  const recent = history.slice(-looks)
  return recent.length === looks && recent.every((r) => isMissing(r.values[verdict.metric.name]))
}

/**
 * The metrics that take turns in having no number, each as it was last missing: none of them lasts, but the soak stands still as if one did.
 * None when one of the last looks had every number.
 */
function missingInTurn(history: readonly Readings[], spec: RolloutSpec): readonly Verdict[] {
  const lacks = (looks: number) => history.slice(-looks).map((look) => missingOf(judgeAll(spec, [look])))
  const looks = Math.max(
    blindAfter,
    ...lacks(blindAfter)
      .flat()
      .map((v) => looksUntilTold(spec, v)),
  )
  const recent = lacks(looks)
  if (recent.length < looks || recent.some((missing) => missing.length === 0)) return []
  const newest = new Map(recent.flat().map((v) => [v.metric.name, v]))
  return spec.metrics.flatMap(({ name }) => newest.get(name) ?? [])
}

/** The blindness of this state is over. */
export async function tellSeen({ rollouts, ...world }: World, { rollout, blind }: State): Promise<void> {
  if (blind !== undefined) await rollouts.execute(rollout, own(world, { type: 'record-sight', since: blind.since }))
}

/** A phase that is too young for a metric lacks nothing yet. */
function isMissing(value: Value | undefined): boolean {
  return value !== undefined && 'missing' in value && value.missing !== 'warming-up'
}

function reasonOf(verdict: Verdict): string {
  return verdict.last !== undefined && 'missing' in verdict.last
    ? `${verdict.last.missing}: ${verdict.last.detail}`
    : ''
}
