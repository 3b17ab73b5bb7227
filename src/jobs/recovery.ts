import { isAnyJudged, judge, type Verdict } from '../rollout/analysis.ts'
import { metricsOf } from '../rollout/plan.ts'
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
 * long? Then its incident may be resolved.
 */
export async function watchRecovery(world: World, state: State): Promise<void> {
  const { parts, rollback, spec, rollout } = state
  const restoredAt = rollback?.restoredAt
  if (state.recovery !== 'watched' || restoredAt === undefined) return
  const recovered = (since: number) =>
    world.rollouts.execute(rollout, own(world, { type: 'record-stable-recovered', since }))
  // Nothing was prepared: stable is as it was before.
  if (parts === undefined) {
    await recovered(restoredAt)
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
  const history = [...(await world.beside.readings(rollout, afterwards)), taken]
  await world.beside.record(rollout, 'recovery', taken, 0, spec.interval)
  const limited = judged.metrics.filter((m) => m.limit !== undefined && m.name in taken.values)
  // Nothing tells that stable is well.
  if (limited.length === 0) return
  const lasting = await breachLasts(world, state, parts)
  let since = taken.at
  for (let end = history.length; end > 0; end--) {
    const verdicts = limited.map((m) => judge(m, history.slice(0, end), spec.interval))
    const at = history[end - 1]?.at ?? since
    const gap = since - at > spec.interval * 3
    if (gap || !isAnyJudged(verdicts) || verdicts.some((v) => unwell.includes(v.state))) break
    since = at
  }
  const well = Math.max(since, lasting.at)
  if (taken.at - well < lasting.gone) return
  await recovered(well)
}
