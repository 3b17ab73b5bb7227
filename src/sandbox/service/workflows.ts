import type { Track } from '../../rollout/plan.ts'

const tracks = ['blue', 'green'] as const

/** How long one workflow keeps an agent busy on average, in seconds. */
const duration = 0.4

/**
 * Workflows as a fluid: they wait in one queue, and agents pull them from it wherever they run, each one at a time. So it is the
 * agents of a track that say how much it does, and not its weight.
 */
export class WorkflowQueue {
  #waiting = 0
  readonly #inFlight: Record<Track, number> = { blue: 0, green: 0 }

  get waiting(): number {
    return this.#waiting
  }

  inFlight(track: Track): number {
    return this.#inFlight[track]
  }

  /** Lets `seconds` pass with so many agents on each track, and returns what each track has finished. Agents that leave finish first. */
  step(arrived: number, agents: Readonly<Record<Track, number>>, seconds: number): Record<Track, number> {
    const finished = { blue: 0, green: 0 }
    for (const track of tracks) {
      finished[track] = this.#inFlight[track] * (1 - Math.exp(-seconds / duration))
      this.#inFlight[track] -= finished[track]
    }
    this.#waiting += arrived
    const free = { blue: 0, green: 0 }
    for (const track of tracks) free[track] = Math.max(0, agents[track] - this.#inFlight[track])
    const all = free.blue + free.green
    const pulled = Math.min(this.#waiting, all)
    this.#waiting -= pulled
    for (const track of tracks) this.#inFlight[track] += all === 0 ? 0 : (pulled * free[track]) / all
    return finished
  }

  /** Takes a share of the track's agents away in the middle of their work, and returns how many workflows are lost. */
  lose(track: Track, share: number): number {
    const lost = this.#inFlight[track] * share
    this.#inFlight[track] -= lost
    return lost
  }
}
