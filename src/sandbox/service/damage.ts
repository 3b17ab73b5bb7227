import type { Track } from '../../rollout/plan.ts'
import { type Breakage, type Broken, breakages } from './breakage.ts'

const tracks = ['blue', 'green'] as const

/** What is broken in each track, and how far that has come. Times in seconds on the clock of whoever keeps it. */
export class Damage {
  readonly #since: Record<Track, Map<Breakage, { readonly at: number; readonly over: number }>> = {
    blue: new Map(),
    green: new Map(),
  }

  /** Breaks something from now on, over so many seconds; 0 is at once. */
  add(track: Track, what: Breakage, now: number, over: number): void {
    this.#since[track].set(what, { at: now, over })
  }

  /** From 0 to 1. */
  level(track: Track, what: Breakage, now: number): number {
    const found = this.#since[track].get(what)
    if (found === undefined) return 0
    return found.over === 0 ? 1 : Math.min(1, (now - found.at) / found.over)
  }

  /** The worse of the two tracks. */
  worst(what: Breakage, now: number): number {
    return Math.max(...tracks.map((track) => this.level(track, what, now)))
  }

  list(now: number): readonly Broken[] {
    return breakages.flatMap((what) => {
      const hit = tracks.filter((track) => this.#since[track].has(what))
      return hit.length === 0 ? [] : [{ what, tracks: hit, level: this.worst(what, now) }]
    })
  }

  /** Mends one thing or, without a name, everything, and says what was broken. */
  heal(what: Breakage | undefined, now: number): readonly Broken[] {
    const was = this.list(now).filter((one) => what === undefined || one.what === what)
    for (const track of tracks) for (const one of was) this.#since[track].delete(one.what)
    return was
  }
}
