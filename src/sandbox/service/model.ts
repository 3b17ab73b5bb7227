import type { Track } from '../../rollout/plan.ts'
import { type Breakage, type BreakagePlace, type Breakages, broken } from './breakage.ts'
import { around, type Random } from './random.ts'
import { TrackFigures } from './track-figures.ts'

export const tracks = ['blue', 'green'] as const satisfies readonly Track[]
const other = { blue: 'green', green: 'blue' } as const

/** What the cluster says about the service at a moment. */
export interface Surroundings {
  /** Shares of the traffic in percent. */
  readonly weights: Readonly<Record<Track, number>>
  readonly ready: Readonly<Record<Track, number>>
  readonly wanted: Readonly<Record<Track, number>>
  readonly images: Readonly<Record<Track, string>>
}

/** Requests since the start, each of them counted once. */
export interface Requests {
  readonly served: number
  /** Sent to a track without a ready pod, or to pods that had no room for it. */
  readonly lost: number
}

const requestsPerSecond = 1_200
const workflowsPerSecond = 60
const agentCount = 61
const nothingBroken = (): Record<Track, Set<Breakage>> => ({ blue: new Set(), green: new Set() })

/** Requests a second that one pod has room for. */
export const podCapacity = 300

/**
 * The service under release as numbers: traffic split by weight over pods with a capacity each, agents that pull
 * workflows from a queue wherever they run (the weight does not steer them), and what it tells about itself.
 * Time and chance come from outside.
 */
export class ServiceModel {
  readonly #random: Random
  readonly #breakages = nothingBroken()
  readonly #requests = { blue: { served: 0, lost: 0 }, green: { served: 0, lost: 0 } }
  readonly #figures: Record<Track, TrackFigures | null> = { blue: null, green: null }
  #surroundings: Surroundings
  /** The track whose image changed last: a release went there. */
  #released: Track | null = null
  /** Shares of a request that did not make a whole one yet. */
  #remainder = { requests: 0, blue: 0 }

  constructor(random: Random, surroundings: Surroundings) {
    this.#random = random
    this.#surroundings = surroundings
  }

  /** What the cluster says from now on. */
  observe(next: Surroundings): void {
    for (const track of tracks) {
      if (next.images[track] !== this.#surroundings.images[track]) this.#released = track
    }
    this.#surroundings = next
  }

  /** Lets `seconds` pass. */
  step(seconds: number): void {
    const arrived = requestsPerSecond * seconds * around(this.#random, 0.05) + this.#remainder.requests
    const requests = Math.floor(arrived)
    this.#remainder.requests = arrived - requests

    const toBlue = (requests * this.#surroundings.weights.blue) / 100 + this.#remainder.blue
    const blue = Math.min(requests, Math.floor(toBlue))
    this.#remainder.blue = toBlue - blue
    this.#stepTrack('blue', blue, seconds)
    this.#stepTrack('green', requests - blue, seconds)
  }

  #stepTrack(track: Track, requests: number, seconds: number): void {
    const ready = this.readyPods(track)
    const room = Math.floor(ready * podCapacity * seconds)
    const served = Math.min(requests, room)
    this.#requests[track].served += served
    this.#requests[track].lost += requests - served

    if (ready === 0) {
      this.#figures[track] = null
      return
    }
    const is = (what: Breakage) => this.#breakages[track].has(what)
    const load = room === 0 ? 0 : served / room
    this.#figures[track] ??= new TrackFigures()
    this.#figures[track].add({
      answered: served,
      turnedAway: requests - served,
      workflows: workflowsPerSecond * seconds * (ready / (ready + this.readyPods(other[track]))),
      failsRequests: is('error-rate'),
      failsWorkflows: is('workflows'),
      slowdown: around(this.#random, 0.06) * (is('latency') ? broken.slowdown : 1),
      cpu: is('cpu') ? broken.cpu : (0.15 + 0.5 * load) * around(this.#random, 0.05),
      memory: is('memory') ? broken.memory : (0.5 + 0.1 * load) * around(this.#random, 0.02),
    })
  }

  /** Ready pods as the cluster tells, less those that are broken. */
  readyPods(track: Track): number {
    const ready = this.#surroundings.ready[track]
    return this.#breakages[track].has('pods') ? Math.floor(ready / 2) : ready
  }

  wantedPods(track: Track): number {
    return this.#surroundings.wanted[track]
  }

  /** A track's figures; null while it has no ready pod that could tell any. */
  figures(track: Track): TrackFigures | null {
    return this.#figures[track]
  }

  requests(track: Track): Requests {
    return { ...this.#requests[track] }
  }

  agents(): { readonly available: number; readonly failed: number } {
    if (tracks.every((track) => this.readyPods(track) === 0)) return { available: 0, failed: agentCount }
    const failed = tracks.some((track) => this.#breakages[track].has('agents')) ? broken.agents : 0
    return { available: agentCount - failed, failed }
  }

  /** The track that the latest release went to; where it is all there is, or there was none yet, the one beside it. */
  canary(): Track {
    const { weights, wanted } = this.#surroundings
    const released = this.#released
    if (released !== null) return wanted[other[released]] > 0 ? released : other[released]
    return weights.blue < weights.green ? 'blue' : 'green'
  }

  /** Breaks something from now on, and says in which tracks. */
  break(what: Breakage, place: BreakagePlace): readonly Track[] {
    const canary = this.canary()
    const hit = place === 'both' ? tracks : place === 'canary' ? [canary] : [other[canary]]
    for (const track of hit) this.#breakages[track].add(what)
    return hit
  }

  /** Mends everything, and says what was broken. */
  heal(): Breakages {
    const was = { blue: new Set(this.#breakages.blue), green: new Set(this.#breakages.green) }
    for (const track of tracks) this.#breakages[track].clear()
    return was
  }
}
