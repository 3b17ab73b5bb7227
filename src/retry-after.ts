const seconds = /^\d{1,9}$/

/**
 * How long a server asks to be left alone, in ms: `Retry-After` in seconds, or as a date, which is read by the server's own
 * `Date`. Undefined when it does not ask, or not in a way that can be read. `header` gives a header by its lower-case name.
 */
export function retryAfter(header: (name: string) => string | null | undefined): number | undefined {
  const asked = header('retry-after')?.trim() ?? ''
  if (seconds.test(asked)) return Number(asked) * 1_000
  const ms = Date.parse(asked) - Date.parse(header('date') ?? '')
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}
