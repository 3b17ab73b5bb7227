import {
  figuresOf,
  isObserved,
  judgeAll,
  missingOf,
  type Readings,
  satisfies,
  type Verdict,
} from '../rollout/analysis.ts'
import { type Compared, median } from '../rollout/compare.ts'
import type { Evidence } from '../rollout/events.ts'
import { metricQuery, trackQuery, windowOf } from '../rollout/query.ts'
import { greatestWeight, isOver, type Parts, type State, watchedPhase } from '../rollout/state.ts'
import { ownReason } from './closed-by.ts'
import { isSettled, watchConvergence } from './convergence.ts'
import { driftFound, driftsOf } from './drift.ts'
import { watchPods } from './failing-pods.ts'
import { tell } from './failure.ts'
import { tellImageIds } from './image-ids.ts'
import { own } from './outcome.ts'
import type { ClusterView, Mark } from './ports.ts'
import { type Reading, readMetric, readMetrics } from './read-metrics.ts'
import { tellSeen, tellSight } from './sight.ts'
import { viewIfReachable } from './view-if-reachable.ts'
import type { World } from './world.ts'
import { recordWritten } from './written.ts'

/** Name under which the observed time of the present soak is kept. A window that is opened again, after a lost record, counts from the start. */
export function soakKey({ stage, phase, windowOpenedAt }: State): string {
  return stage === 'released' || stage === 'complete' ? `window-${windowOpenedAt}` : `phase-${phase}`
}

/** One look at a rollout: marks and drift, every metric, and what follows from them. Returns this phase's readings. */
export async function watch(world: World, state: State): Promise<readonly Readings[]> {
  const { parts } = state
  if (parts === undefined || isOver(state)) return []
  // Traffic is watched also while the API server does not answer.
  const view = await viewIfReachable(world, { failed: (error) => tellRemoved(world, state, error) })
  if (view !== null) {
    if (await foundTakenBack(world, state, view)) return []
    await tellDrift(world, state, driftFound(driftsOf(state, view)))
    await tellImageIds(world, state, view.tracks[parts.canary])
    await recordWritten(world, state, view)
  }
  const weight = view?.route.weights[parts.canary] ?? greatestWeight(state)
  if (state.rollback !== undefined) return []
  if (weight > 0) {
    if (view !== null && (await watchPods(world, state, parts, view))) return []
    return watchTraffic(world, state, parts, weight, view !== null || state.weight > 0)
  }
  // Somebody gave the canary traffic and took it away again: nothing is left to be blind about.
  await tellSeen(world, state)
  return []
}

/** Something that was removed is drift, too. */
async function tellRemoved(world: World, state: State, error: unknown): Promise<void> {
  const { code, what } = tell(error)
  if (code === 'cluster-not-found') await tellDrift(world, state, { type: 'record-drift', what, manager: 'unknown' })
}

/**
 * A closed mark is evidence that traffic was taken back without the ledger (rule 8). Where Slipway itself did it, that was for a breach;
 * which process has the evidence, and whether it is still there to record it, is not known.
 */
async function foundTakenBack(world: World, state: State, view: ClusterView): Promise<boolean> {
  const { mark, weights } = view.route
  if (mark === null || !mark.closed || mark.rollout !== state.rollout || state.parts === undefined) return false
  const from = state.weight
  if (weights[state.parts.canary] > 0) {
    await rollBackAgain(world, state, mark)
    return false
  }
  const restoredAt = Date.parse(mark.at)
  const found = { type: 'record-break-glass', forced: true, from, steps: [], restoredAt } as const
  const why = ownReason(mark.by)
  const by = { id: mark.by, name: mark.by, via: 'break-glass' } as const
  const command =
    why === null
      ? { ...own(world, { ...found, cause: 'break-glass', reason: 'break-glass' } as const), by }
      : own(world, { ...found, cause: 'breach', reason: why } as const)
  await world.rollouts.execute(state.rollout, command)
  return true
}

/** Somebody gave the canary traffic again after break-glass had closed the mark: this rollout never goes on, so it ends. */
async function rollBackAgain({ rollouts, clock, newId }: World, state: State, mark: Mark): Promise<void> {
  if (state.rollback !== undefined) return
  const by = { id: mark.by, name: mark.by, via: 'break-glass' } as const
  const reason = 'break-glass had taken the traffic back, and somebody gave it to the canary again'
  await rollouts.execute(state.rollout, { type: 'roll-back', reason, forced: false, id: newId(), at: clock.now(), by })
}

async function tellDrift(world: World, state: State, found: ReturnType<typeof driftFound> | null): Promise<void> {
  if (state.rollback !== undefined) return
  if (found !== null) {
    // What looks like drift may be a write that was ordered after this state was read.
    if ((await world.rollouts.load(state.rollout))?.version !== state.version) return
    await world.rollouts.execute(state.rollout, own(world, found))
  } else if (state.drift !== undefined) {
    const { at: since } = state.drift
    await world.rollouts.execute(state.rollout, own(world, { type: 'record-no-drift', since }))
  }
}

/** Tells once that the soak is about to be full, so that the next phase can be asked for. */
async function tellSoakEnding(world: World, state: State, observed: number): Promise<void> {
  const { spec, stage, openedPhase, phase, request } = state
  const remaining = wanted(state) - observed
  if (stage !== 'soaking' || openedPhase > phase || request !== undefined) return
  if (remaining <= 0 || remaining > (spec.signOffOpens ?? 0)) return
  await world.rollouts.execute(state.rollout, own(world, { type: 'record-soak-ending', phase, remaining }))
}

/**
 * Reads and judges the metrics of what has traffic, records what counts as observed, and tells what follows. `isSure`: it does have
 * traffic; where it only may, missing numbers say nothing.
 */
export async function watchTraffic(
  world: World,
  state: State,
  parts: Parts,
  weight: number,
  isSure = true,
): Promise<readonly Readings[]> {
  const { rollout, spec } = state
  const { phase, since } = watchedPhase(state)
  const before = await world.beside.readings(rollout, phase)
  const reading: Reading = {
    spec,
    phase,
    canary: parts.canary,
    stable: parts.stable,
    weight,
    ran: world.clock.now() - since,
  }
  const taken = await readMetrics(world, reading)
  const history = [...before, taken]
  const verdicts = judgeAll(spec, history)
  // What was loaded before the readings may be history by now: a pause, a phase that has ended.
  const now = await world.rollouts.load(rollout)
  if (now === null || isOver(now) || watchedPhase(now).phase !== phase || soakKey(now) !== soakKey(state))
    return history
  const fresh = world.clock.now() - taken.at < spec.interval
  const counting = fresh && counts(now, verdicts)
  // Traffic that somebody else gave the canary before its shift was looked at, and is no soak.
  const uncounted = Math.max(before.at(-1)?.at ?? 0, watchedPhase(now).since)
  const counted = counting ? Math.min(spec.interval, taken.at - uncounted) : 0
  const observed = await world.beside.record(rollout, soakKey(now), taken, counted, spec.interval)
  // Another process has looked since: what this one had read is history.
  if (!fresh && (await world.beside.readings(rollout, phase)).some((r) => r.at > taken.at)) return history
  for (const confirmed of breachesToTell(now, verdicts)) {
    const evidence = await evidenceOf(world, reading, confirmed)
    await world.rollouts.execute(rollout, own(world, { type: 'record-breach', evidence }))
    // Nothing answers the breach of an observed release: it goes on, with whatever else is to be told of it.
    if (now.observation === undefined) return history
  }
  // A fresh phase has few samples yet; its sources get as long as a number may be old.
  if (isSure && (reading.ran >= spec.staleAfter || missingOf(verdicts).length === 0))
    await tellSight(world, now, verdicts, history, fresh)
  await tellSoakEnding(world, now, observed)
  await watchConvergence(world, now, weight)
  const full = counted > 0 && observed >= wanted(now) && isSettled((await world.rollouts.load(rollout)) ?? now)
  if (full && verdicts.every((v) => v.state !== 'broken')) {
    const figures = figuresOf(verdicts)
    const of = now.stage === 'released' ? 'window' : 'soak'
    await world.rollouts.execute(rollout, own(world, { type: 'record-soak', phase, of, observed, figures }))
  }
  return history
}

/** What has broken its limit: each one in an observed release that was not told of it yet. Elsewhere the first ends it. */
function breachesToTell({ observation }: State, verdicts: readonly Verdict[]): readonly Verdict[] {
  return verdicts.filter((v) => v.state === 'confirmed' && !observation?.broken.includes(v.metric.name))
}

/** Does this look count as observed time (rule 3)? */
function counts(state: State, verdicts: readonly Verdict[]): boolean {
  if (!['soaking', 'released', 'observing'].includes(state.stage)) return false
  return state.paused === undefined && state.drift === undefined && isObserved(verdicts)
}

/** Observed ms after which the present soak, or the rollback window, is full. */
export function wanted(state: State): number {
  if (state.stage === 'released') return state.spec.rollbackWindow
  const phase = state.spec.phases.find((p) => p.number === state.phase)
  return (phase?.soak ?? 0) + state.extraSoak
}

/** Why the limit counts as broken, and whether stable breaks it too: then it is probably not the release. */
export async function evidenceOf(world: World, reading: Reading, verdict: Verdict): Promise<Evidence> {
  const { metric, compared } = verdict
  const { canary, stable, ran } = reading
  const window = windowOf(metric, ran)
  const query = metric.compare ? trackQuery(metric, canary, window) : metricQuery(metric, { canary, stable }, window)
  const other =
    metric.scope === 'canary' ? await readMetric(world, { ...reading, canary: stable, stable: canary }, metric) : null
  const stableToo =
    other !== null && 'value' in other && metric.limit !== undefined && satisfies(metric.limit, other.value)
  const value = verdict.row.at(-1)?.value ?? null
  const evidence = { metric: metric.name, value, query, readings: [...verdict.row], stableToo }
  // What lacks its numbers is broken for that, whatever those before have said.
  return compared?.verdict === 'worse' && value !== null ? { ...evidence, comparison: summaryOf(compared) } : evidence
}

function summaryOf({ pairs, p, effect }: Compared): NonNullable<Evidence['comparison']> {
  const canary = median(pairs.map((pair) => pair.canary))
  const stable = median(pairs.map((pair) => pair.stable))
  return { canary, stable, readings: pairs.length, p, effect }
}
