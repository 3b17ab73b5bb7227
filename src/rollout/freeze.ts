import { instantOf, wallOf } from './wall-time.ts'

const minute = 60_000
const week = 7 * 24 * 60 * minute

/** A window in which nothing moves forward, in the local time of `zone` (an IANA name): every week, or once. */
export interface FreezeWindow {
  /** How people call it. */
  readonly title: string
  readonly zone: string
  /** `weekly`: ms since Monday 0:00; a window that ends before it begins goes on into the next week. `dated`: the wall's time, read as UTC, in ms. */
  readonly every: 'weekly' | 'dated'
  readonly from: number
  readonly to: number
}

/** A freeze that holds at some moment, its beginning and end (ms since 1970), and the zone in which they stand. */
export interface Freeze {
  readonly title: string
  readonly from: number
  readonly until: number
  readonly zone: string
}

/** The freeze that holds at a moment; windows without a gap between them are one. Null when nothing is frozen. */
export function frozenAt(windows: readonly FreezeWindow[], at: number): Freeze | null {
  const first = lastingAt(windows, at)
  if (first === null) return null
  let { until, zone } = first
  // A year of windows without a gap is told as frozen until then.
  while (until < at + 53 * week) {
    const next = lastingAt(windows, until)
    if (next === null) break
    ;({ until, zone } = next)
  }
  let { from } = first
  while (from > at - 53 * week) {
    const before = holdingAt(windows, from - 1)
    if (before.length === 0) break
    from = Math.min(...before.map((span) => span.from))
  }
  return { title: first.title, from, until, zone }
}

/** The freeze that begins first after a moment and within so many ms of it, with its beginning; null when none does. */
export function nextFreeze(windows: readonly FreezeWindow[], at: number, within: number): Freeze | null {
  const weeks = Array.from({ length: Math.ceil(within / week) + 1 }, (_, index) => at + index * week)
  const begin = windows
    .flatMap((window) => weeks.flatMap((moment) => spansAround(window, moment)))
    .filter((span) => span.from > at && span.from <= at + within)
    .reduce<Freeze | null>((first, span) => (first === null || span.from < first.from ? span : first), null)
  if (begin === null) return null
  return { ...begin, ...frozenAt(windows, begin.from), from: begin.from }
}

/** Of the windows that hold at a moment, the one that ends last. */
function lastingAt(windows: readonly FreezeWindow[], at: number): Freeze | null {
  return holdingAt(windows, at).reduce<Freeze | null>(
    (last, s) => (last === null || s.until > last.until ? s : last),
    null,
  )
}

function holdingAt(windows: readonly FreezeWindow[], at: number): readonly Freeze[] {
  return windows.flatMap((window) => spansAround(window, at)).filter((s) => s.from <= at && at < s.until)
}

/** The times of a window that a moment may lie in. A freeze takes the longer way wherever the clock is turned. */
function spansAround({ title, zone, every, from, to }: FreezeWindow, at: number): readonly Freeze[] {
  const span = (start: number, end: number): Freeze => {
    return { title, zone, from: instantOf(start, zone, 'earlier'), until: instantOf(end, zone, 'later') }
  }
  if (every === 'dated') return [span(from, to)]
  const monday = mondayBefore(wallOf(at, zone))
  const length = to > from ? to - from : to - from + week
  return [monday - week, monday, monday + week].map((start) => span(start + from, start + from + length))
}

/** The last Monday 0:00 on the wall; 1970 began on a Thursday. */
function mondayBefore(wall: number): number {
  const sinceMonday = (wall + 3 * 24 * 60 * minute) % week
  return wall - (sinceMonday < 0 ? sinceMonday + week : sinceMonday)
}
