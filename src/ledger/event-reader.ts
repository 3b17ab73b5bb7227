import type { Event } from '../rollout/events.ts'
import { readEvent } from './upcast.ts'

/** Takes the lines of ledgers apart. */
export interface EventReader {
  /** The events of these lines, the first of which stands at place `from` (from 0). Throws what `readEvent` throws. */
  read(rollout: number, from: number, lines: readonly string[]): readonly Event[]
  /** Keeps nothing of this rollout any more. */
  forget(rollout: number): void
}

/** Of how many rollouts what was read is kept: those under way, and the last that somebody asked about. */
const kept = 8

/**
 * A ledger is read whole again and again while its events don't change: a line that is the same, at the same place, is taken apart
 * once.
 */
export function createEventReader(service: string): EventReader {
  const known = new Map<number, { readonly line: string; readonly event: Event }[]>()

  function placesOf(rollout: number) {
    const places = known.get(rollout) ?? []
    known.delete(rollout)
    known.set(rollout, places)
    const [oldest] = known.keys()
    if (known.size > kept && oldest !== undefined) known.delete(oldest)
    return places
  }

  return {
    read(rollout, from, lines) {
      const places = placesOf(rollout)
      return lines.map((line, i) => {
        const before = places[from + i]
        if (before?.line === line) return before.event
        const event = readEvent(line, `${service}/${rollout}`, from + i + 1)
        places[from + i] = { line, event }
        return event
      })
    },
    forget: (rollout) => void known.delete(rollout),
  }
}
