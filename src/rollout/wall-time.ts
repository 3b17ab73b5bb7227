/** By zone: making one is slow. */
const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known !== undefined) return known
  const numeric = 'numeric'
  const parts = {
    year: numeric,
    month: numeric,
    day: numeric,
    hour: numeric,
    minute: numeric,
    second: numeric,
  } as const
  const made = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', ...parts })
  formats.set(zone, made)
  return made
}

/** What a clock on a wall of the zone shows at a moment, read as if it were UTC, in ms (whole seconds). Throws for an unknown zone. */
export function wallOf(at: number, zone: string): number {
  const shown = new Map(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const part = (type: Intl.DateTimeFormatPartTypes) => shown.get(type) ?? 0
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
}

/**
 * The moment (ms since 1970) at which the wall shows `wall` (as `wallOf` gives it). Where the clock is turned a time comes twice,
 * or never, when it stands for the moments an hour apart around the turn: `which` of the two is meant.
 */
export function instantOf(wall: number, zone: string, which: 'earlier' | 'later'): number {
  const day = 24 * 60 * 60_000
  const offsets = [wall - day, wall + day].map((at) => wallOf(at, zone) - at)
  const candidates = offsets.map((offset) => wall - offset)
  const shown = candidates.filter((at) => wallOf(at, zone) === wall)
  const meant = shown.length > 0 ? shown : candidates
  return which === 'earlier' ? Math.min(...meant) : Math.max(...meant)
}

/** A moment as the zone's people write it: `Mon, 4 Jan 2027, 08:00 (Europe/Berlin)`. */
export function wallText(at: number, zone: string): string {
  const shown = { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' } as const
  const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
  return `${new Intl.DateTimeFormat('en-GB', { timeZone: zone, ...shown, ...time }).format(at)} (${zone})`
}

/** A moment to the second in plain words: Slack shows it in the reader's own zone. */
export function momentText(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
}
