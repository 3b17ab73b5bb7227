import { SlipwayError } from '../errors.ts'

/** What a track may be called inside a query: nothing that could end a PromQL string or a regular expression. */
const trackName = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i

function checked(track: string): string {
  if (!trackName.test(track))
    throw new SlipwayError('usage', { what: `${JSON.stringify(track)} can't name a track in a query.` })
  return track
}

/** Milliseconds as PromQL writes them: `60s`, or `1500ms` when it is no whole second. At least 1 s. */
export function promDuration(ms: number): string {
  const whole = Math.max(1_000, Math.ceil(ms))
  return whole % 1_000 === 0 ? `${whole / 1_000}s` : `${whole}ms`
}

function bind(query: string, values: Readonly<Record<string, string>>): string {
  return query.replace(/\$([a-z]+)(?!\w)/g, (placeholder, name: string) => values[name] ?? placeholder)
}

/** Fills `$canary`, `$stable` and `$window` (ms) into the query of a metric. Any other `$` stays as it stands. */
export function bindQuery(
  query: string,
  { canary, stable, window }: { readonly canary: string; readonly stable: string; readonly window: number },
): string {
  return bind(query, { canary: checked(canary), stable: checked(stable), window: promDuration(window) })
}

/** Fills `$track` and `$window` (ms) into the query that counts the requests of one track. */
export function bindRequestsQuery(
  query: string,
  { track, window }: { readonly track: string; readonly window: number },
): string {
  return bind(query, { track: checked(track), window: promDuration(window) })
}
