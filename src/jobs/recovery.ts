import { isAnyJudged, judge, type Readings, type Verdict } from '../rollout/analysis.ts'
import { type Metric, metricsOf } from '../rollout/plan.ts'
import { type State, watchedPhase } from '../rollout/state.ts'
import { breachLasts } from './breach-lasts.ts'
import { own } from './outcome.ts'
import { readMetrics } from './read-metrics.ts'
import type { World } from './world.ts'

/** Readings after a rollback are kept under this phase number. */
const afterwards = -1

const unwell: readonly Verdict['state'][] = ['broken', 'confirmed', 'missing', 'warming-up']

/**
 * After a rollback: has stable been within all limits for `resolveAfter`, every number there, and what the rollback was for been gone as
 * long? Then its incident may be resolved. Where that is not seen in `maxHold` of watching, it stays open for a person.
 */
export async function watchRecovery(world: World, state: State): Promise<void> {
  const { parts, rollback, breaches, spec, rollout } = state
  const restoredAt = rollback?.restoredAt
  if (state.recovery !== 'watched' || restoredAt === undefined) return
  const recovered = (since: number) =>
    world.rollouts.execute(rollout, own(world, { type: 'record-stable-recovered', since }))
  const notSeen = () => world.rollouts.execute(rollout, own(world, { type: 'record-recovery-not-seen' }))
  if (parts === undefined) {
    // Nothing was prepared, and stable is as it was before; or Redis has lost that it was, and which track stable is.
    const hadNone = breaches.length === 0 && (rollback?.from ?? 0) === 0
    await (hadNone ? recovered(restoredAt) : notSeen())
    return
  }
  const ran = world.clock.now() - restoredAt
  const { stable, canary } = parts
  // As the phase asked that was rolled back: the same limit must hold.
  const judged = { ...spec, metrics: metricsOf(spec, watchedPhase(state).phase) }
  // Stable now has all the traffic: the canary's metrics are read for it.
  const taken = await readMetrics(world, {
    spec: judged,
    phase: afterwards,
    canary: stable,
    stable: canary,
    weight: 100,
    ran,
  })
  const before = await world.beside.readings(rollout, afterwards)
  // Looks alone count: nobody has looked while Redis, or Slipway itself, was away. A breach that comes on record later begins anew.
  const counted = Math.min(spec.interval, taken.at - (before.at(-1)?.at ?? restoredAt))
  const key = `recovery-${breaches.length}`
  const watched = await world.beside.record(rollout, key, taken, counted, spec.interval)
  const limited = judged.metrics.filter((m) => m.limit !== undefined && m.name in taken.values)
  const lasting = await breachLasts(world, state, parts)
  const well = Math.max(wellSince([...before, taken], limited, spec.interval), lasting.at)
  // Without a limit nothing tells that stable is well.
  if (limited.length > 0 && taken.at - well >= lasting.gone) await recovered(well)
  else if (watched >= spec.maxHold) await notSeen()
}

/** Since when every look has found these metrics within their limits, with a number, and no gap between looks (ms since 1970). */
function wellSince(history: readonly Readings[], limited: readonly Metric[], interval: number): number {
  let since = history.at(-1)?.at ?? 0
  for (let end = history.length; end > 0; end--) {
    const verdicts = limited.map((m) => judge(m, history.slice(0, end), interval))
    const at = history[end - 1]?.at ?? since
    const gap = since - at > interval * 3
    if (gap || !isAnyJudged(verdicts) || verdicts.some((v) => unwell.includes(v.state))) break
    since = at
  }
  return since
}
