import { type Compared, compareTracks } from './compare.ts'
import type { Figure } from './events.ts'
import {
  type Comparison,
  type Metric,
  type MissingOutcome,
  type MissingReason,
  metricsOf,
  type RolloutSpec,
  type Threshold,
} from './plan.ts'

/** Why there is nothing to judge: no number, or a phase that is too young for this metric. */
export type NoValue = MissingReason | 'warming-up'

/**
 * One value of one metric (beside stable's, where the two are compared), or why there is none. `refused`: its query failed as it is wrong
 * itself, not as nobody answered it.
 */
export type Value =
  | { readonly value: number; readonly stable?: number }
  | { readonly missing: NoValue; readonly detail: string; readonly refused?: true }

/** All metrics as read at one moment; a metric that does not apply at the time is left out. */
export interface Readings {
  readonly at: number
  readonly phase: number
  readonly values: Readonly<Record<string, Value>>
}

/** How many readings are kept of a rollout, the newest: two hours and more at one every 10 s. */
export const readingsKept = 1_000

/** What the readings say of one metric. */
export interface Verdict {
  readonly metric: Metric
  /** The newest reading; undefined before the first. */
  readonly last: Value | undefined
  /** `off-target` and `broken` are about the newest reading; `confirmed` needs enough of them in a row. */
  readonly state:
    | 'good'
    | 'off-target'
    | 'broken'
    | 'confirmed'
    | 'missing'
    | 'ignored'
    | 'warming-up'
    | 'not-applicable'
  /** Do the targets hold over the last readings? Null where there is no target. */
  readonly onTarget: boolean | null
  /** The readings that count towards confirmation, oldest first. */
  readonly row: readonly { readonly at: number; readonly value: number | null }[]
  /** How the canary stands beside stable, where the metric compares them. */
  readonly compared?: Compared
}

export function satisfies(threshold: Threshold, value: number): boolean {
  switch (threshold.op) {
    case '<':
      return value < threshold.value
    case '<=':
      return value <= threshold.value
    case '>':
      return value > threshold.value
    case '>=':
      return value >= threshold.value
  }
}

/** Is a metric meaningful at this weight? `compare` needs traffic on both tracks. */
export function applies(metric: Metric, weight: number): boolean {
  if (metric.scope === 'compare') return weight > 0 && weight < 100
  if (metric.scope === 'canary') return weight > 0
  if (metric.scope === 'stable') return weight < 100
  return true
}

/** Judges one metric by the readings of the present phase, oldest first. */
export function judge(metric: Metric, history: readonly Readings[], interval: number): Verdict {
  const own = history.flatMap((r) => {
    const value = r.values[metric.name]
    return value === undefined ? [] : [{ at: r.at, value: finite(value) }]
  })
  const newest = own.at(-1)
  const latest = history.at(-1)
  if (newest === undefined || newest.at !== latest?.at)
    return { metric, last: undefined, state: 'not-applicable', onTarget: null, row: [] }
  // A gap in the readings must not be bridged: what counts lies within three times the time that confirmation takes.
  const since = newest.at - metric.confirm * interval * 3
  const recent = own.filter((r) => r.at >= since)
  const row = brokenRow(metric, recent)
  if (metric.compare !== undefined) return judgeComparison(metric, metric.compare, own, row, newest.value, interval)
  return {
    metric,
    last: newest.value,
    state: stateOf(metric, newest.value, row.length),
    onTarget: onTarget(metric, recent),
    row,
  }
}

/**
 * The test over the whole phase is its own confirmation; a look without numbers says nothing anew. `missing`: the looks whose missing
 * numbers count as a breach.
 */
function judgeComparison(
  metric: Metric,
  comparison: Comparison,
  own: readonly { at: number; value: Value }[],
  missing: Verdict['row'],
  last: Value,
  interval: number,
): Verdict {
  const numbers = own.flatMap(({ at, value }) =>
    'value' in value && value.stable !== undefined ? [{ at, canary: value.value, stable: value.stable }] : [],
  )
  const spacing = Math.max(interval, metric.window === 'phase' ? interval : metric.window)
  const compared = compareTracks(comparison, numbers, spacing)
  const broken = comparison.critical && compared.verdict === 'worse'
  const confirmed = broken || missing.length >= metric.confirm
  const onTarget = compared.verdict === 'not-worse'
  const state = confirmed
    ? 'confirmed'
    : 'missing' in last || compared.verdict !== 'worse'
      ? stateOf(metric, last, 0)
      : 'off-target'
  const row = broken ? compared.pairs.map(({ at, canary }) => ({ at, value: canary })).slice(-metric.confirm) : missing
  return { metric, last, state, onTarget, row, compared }
}

/** NaN and infinity satisfy thresholds, or fail to, by accident: they are no numbers (rule 6). */
function finite(value: Value): Value {
  if ('missing' in value || [value.value, value.stable ?? 0].every(Number.isFinite)) return value
  return { missing: 'not-finite', detail: String(value.value) }
}

function brokenRow(metric: Metric, recent: readonly { at: number; value: Value }[]) {
  const row: { at: number; value: number | null }[] = []
  for (const { at, value } of recent.toReversed()) {
    if (row.length === metric.confirm) break
    if ('missing' in value) {
      if (outcomeOf(metric, value.missing) === 'breach') row.unshift({ at, value: null })
      // A missing number neither confirms a breach nor clears it.
      continue
    }
    if (metric.limit === undefined || !satisfies(metric.limit, value.value)) break
    row.unshift({ at, value: value.value })
  }
  return row
}

function stateOf(metric: Metric, last: Value, row: number): Verdict['state'] {
  if (row >= metric.confirm) return 'confirmed'
  if ('missing' in last) {
    if (last.missing === 'warming-up') return 'warming-up'
    const outcome = outcomeOf(metric, last.missing)
    return outcome === 'ignore' ? 'ignored' : outcome === 'breach' ? 'broken' : 'missing'
  }
  if (metric.limit !== undefined && satisfies(metric.limit, last.value)) return 'broken'
  if (metric.target !== undefined && !satisfies(metric.target, last.value)) return 'off-target'
  return 'good'
}

/** What having nothing to judge leads to; nobody can have a warm-up count. */
export function outcomeOf(metric: Metric, reason: NoValue): MissingOutcome {
  return reason === 'warming-up' ? 'hold' : metric.missing[reason]
}

function onTarget(metric: Metric, recent: readonly { value: Value }[]): boolean | null {
  const { target } = metric
  if (target === undefined) return null
  const numbers = recent.flatMap((r) => ('value' in r.value ? [r.value.value] : [])).slice(-metric.confirm)
  return numbers.length > 0 && numbers.every((n) => satisfies(target, n))
}

/** Judges every metric of a rollout, as the phase of the readings asks. */
export function judgeAll(spec: RolloutSpec, history: readonly Readings[]): readonly Verdict[] {
  return metricsOf(spec, history.at(-1)?.phase ?? 0).map((metric) => judge(metric, history, spec.interval))
}

/** Does this moment count as observed: could every metric that applies be judged, but for those left out on purpose, and at least one? */
export function isObserved(verdicts: readonly Verdict[]): boolean {
  return isAnyJudged(verdicts) && !verdicts.some(lacksNumber)
}

/** Does a metric say anything at all? Where each one's missing number is ignored, nobody watches. */
export function isAnyJudged(verdicts: readonly Verdict[]): boolean {
  return verdicts.some((v) => v.state !== 'not-applicable' && v.state !== 'ignored')
}

/** The metrics for whose numbers the soak holds: what is ignored, too, when there is nothing else. */
export function missingOf(verdicts: readonly Verdict[]): readonly Verdict[] {
  if (!isAnyJudged(verdicts)) return verdicts.filter((v) => v.state === 'ignored')
  return verdicts.filter((v) => lacksNumber(v) && v.state !== 'warming-up')
}

/** Is the newest number missing, and not left out on purpose? Also beside a breach that the numbers before have confirmed. */
function lacksNumber({ metric, last }: Verdict): boolean {
  return last !== undefined && 'missing' in last && outcomeOf(metric, last.missing) !== 'ignore'
}

/** The figures that a soak ends with. */
export function figuresOf(verdicts: readonly Verdict[]): Figure[] {
  return verdicts
    .filter((v) => v.state !== 'not-applicable' && v.state !== 'ignored')
    .map((v) => ({
      metric: v.metric.name,
      ...(v.last !== undefined && 'value' in v.last
        ? { value: v.last.value, ...(v.last.stable !== undefined && { stable: v.last.stable }) }
        : { value: null }),
      good: notGood.includes(v.state) ? false : v.onTarget,
    }))
}

const notGood: readonly Verdict['state'][] = ['broken', 'confirmed', 'missing', 'warming-up']
