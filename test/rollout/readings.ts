import type { Readings, Value } from '../../src/rollout/analysis.ts'
import type { Metric, MissingOutcome, MissingReason, Threshold } from '../../src/rollout/plan.ts'

/** ms between two readings. */
export const interval = 10_000

const hold: Metric['missing'] = {
  empty: 'hold',
  'not-finite': 'hold',
  stale: 'hold',
  'several-series': 'hold',
  failed: 'hold',
  'few-requests': 'hold',
}

export function threshold(op: Threshold['op'], value: number): Threshold {
  return { op, value, text: `${op} ${value}` }
}

/** A latency: target below 500, limit above 1000, three readings confirm, whatever is missing holds. */
export const latency: Metric = {
  name: 'p95',
  title: 'P95 response time',
  group: 'performance',
  scope: 'canary',
  unit: 'milliseconds',
  query: 'latency{track="$canary"}[$window]',
  window: 60_000,
  target: threshold('<', 500),
  limit: threshold('>', 1000),
  confirm: 3,
  missing: hold,
}

/** The same with another outcome for one reason. */
export function missingLeadsTo(outcome: MissingOutcome, reason: MissingReason): Metric {
  return { ...latency, missing: { ...hold, [reason]: outcome } }
}

export function missing(reason: MissingReason = 'empty'): Value {
  return { missing: reason, detail: 'no data' }
}

/** One reading each interval, oldest first; null where nothing was read at all. */
export function readings(...values: readonly (number | Value | null)[]): readonly Readings[] {
  return values.flatMap((v, i) => {
    if (v === null) return []
    return [{ at: i * interval, phase: 1, values: { p95: typeof v === 'number' ? { value: v } : v } }]
  })
}
