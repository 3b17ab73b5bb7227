import type { Metric, RolloutSpec, Track } from './plan.ts'

/** Milliseconds as PromQL writes them: `60s`, or `1500ms` when it is no whole second. At least 1 s. */
export function promDuration(ms: number): string {
  const whole = Math.max(1_000, Math.ceil(ms))
  return whole % 1_000 === 0 ? `${whole / 1_000}s` : `${whole}ms`
}

function bind(query: string, values: Readonly<Record<string, string>>): string {
  return query.replace(/\$([a-z]+)\b/g, (placeholder, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? placeholder) : placeholder,
  )
}

/** The window of a metric in ms when the phase has run for `ran` ms: never longer than that. */
export function windowOf(metric: Metric, ran: number): number {
  return metric.window === 'phase' ? ran : Math.min(metric.window, ran)
}

/** A metric's PromQL with `$canary`, `$stable` and `$window` filled in. Any other `$` stays as it stands. */
export function metricQuery(
  metric: Metric,
  tracks: { readonly canary: Track; readonly stable: Track },
  window: number,
): string {
  return bind(metric.query, { ...tracks, window: promDuration(window) })
}

/** The PromQL that reads one track of a metric that compares the two. */
export function trackQuery(metric: Metric, track: Track, window: number): string {
  return bind(metric.query, { track, window: promDuration(window) })
}

/** PromQL about a release as a whole: `$stable`, and `$version` with its first numbers `$major` and `$minor`. */
export function releaseQuery(query: string, { stable, version }: { readonly stable: Track; readonly version: string }) {
  const [major = '', minor = ''] = version.replace(/^v/, '').split(/[.-]/)
  return bind(query, { stable, version, major, minor })
}

/** The PromQL that counts the requests of one track in the last `window` ms; null where none is configured. */
export function requestsQuery(spec: RolloutSpec, track: Track, window: number): string | null {
  return spec.requestsQuery === undefined ? null : bind(spec.requestsQuery, { track, window: promDuration(window) })
}

/** The PromQL that tells what a track still works at; null where none is configured. */
export function drainedQuery({ drained, staleAfter }: RolloutSpec, track: Track): string | null {
  return drained === undefined ? null : bind(drained.query, { track, window: promDuration(staleAfter) })
}
