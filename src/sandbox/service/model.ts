import type { Track } from '../../rollout/plan.ts'
import { type Breakage, type BreakagePlace, type Broken, broken, isOfService } from './breakage.ts'
import { Damage } from './damage.ts'
import { requestRate } from './load.ts'
import { around, type Random } from './random.ts'
import { TrackFigures } from './track-figures.ts'
import { Pods } from './warm-up.ts'
import { WorkflowQueue } from './workflows.ts'

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

/** Requests and workflows since the start, each of them counted once. */
export interface Requests {
  readonly served: number
  /** Sent to a track without a ready pod, or to pods that had no room for it. */
  readonly lost: number
  /** Workflows that an agent was at when its pod went without having finished. */
  readonly workflowsLost: number
}

const workflowsPerSecond = 60
const agentCount = 61
/** How long something takes to go bad gradually, in seconds. */
const gradual = 1_200

/** How old the last backup and the last restore test are in good health, in hours. */
const [backupAge, restoreAge] = [2, 3 * 24]
const hour = 3_600

/** Requests a second that one warm pod has room for. */
export const podCapacity = 300

/**
 * The service under release as numbers: load with the waves of a day, split by weight over pods that are slow while they are
 * young; agents that pull workflows from a queue wherever they run (the weight does not steer them); and what it tells about
 * itself. Time and chance come from outside.
 */
export class ServiceModel {
  readonly #random: Random
  readonly #pace: number
  readonly #damage = new Damage()
  readonly #requests = { blue: { served: 0, lost: 0 }, green: { served: 0, lost: 0 } }
  readonly #workflowsLost = { blue: 0, green: 0 }
  readonly #figures: Record<Track, TrackFigures | null> = { blue: null, green: null }
  readonly #pods: Record<Track, Pods>
  readonly #queue = new WorkflowQueue()
  #surroundings: Surroundings
  /** The track whose image changed last: a release went there. */
  #released: Track | null = null
  /** Shares of a request that did not make a whole one yet. */
  #remainder = { requests: 0, blue: 0 }
  #time = 0

  /** `pace`: how many times faster than life days pass and things go bad gradually. */
  constructor(random: Random, surroundings: Surroundings, pace = 1) {
    this.#random = random
    this.#pace = pace
    this.#surroundings = surroundings
    this.#pods = { blue: new Pods(surroundings.ready.blue), green: new Pods(surroundings.ready.green) }
  }

  /** What the cluster says from now on. */
  observe(next: Surroundings): void {
    const before = this.#surroundings
    this.#surroundings = next
    for (const track of tracks) {
      const replaced = next.images[track] !== before.images[track]
      if (replaced) this.#released = track
      if (replaced) this.#pods[track].restart()
      this.#settlePods(track)
    }
  }

  /** Lets `seconds` pass. */
  step(seconds: number): void {
    this.#time += seconds
    const rate = requestRate(this.#time * this.#pace, this.#random)
    const staying = 1 - broken.fewerRequests * this.#serviceLevel('throughput')
    const arrived = rate * staying * seconds + this.#remainder.requests
    const requests = Math.floor(arrived)
    this.#remainder.requests = arrived - requests

    const toBlue = (requests * this.#surroundings.weights.blue) / 100 + this.#remainder.blue
    const blue = Math.min(requests, Math.floor(toBlue))
    this.#remainder.blue = toBlue - blue

    for (const track of tracks) this.#settlePods(track)
    const workflows = this.#queue.step(workflowsPerSecond * seconds, this.#agentsByTrack(), seconds)
    this.#stepTrack('blue', blue, workflows.blue, seconds)
    this.#stepTrack('green', requests - blue, workflows.green, seconds)
  }

  #stepTrack(track: Track, requests: number, workflows: number, seconds: number): void {
    const pods = this.#pods[track]
    pods.pass(seconds)
    const room = Math.floor(pods.room() * podCapacity * seconds)
    const served = Math.min(requests, room)
    this.#requests[track].served += served
    this.#requests[track].lost += requests - served

    if (pods.count === 0) {
      this.#figures[track] = null
      return
    }
    const level = (what: Breakage) => this.#level(track, what)
    const load = room === 0 ? 0 : served / room
    const cpu = (0.15 + 0.5 * load) * around(this.#random, 0.05)
    const memory = (0.5 + 0.1 * load) * around(this.#random, 0.02)
    this.#figuresOf(track).add({
      answered: served,
      turnedAway: requests - served,
      workflows,
      failingRequests: broken.errors * level('error-rate'),
      failingWorkflows: broken.failed * level('workflow-errors'),
      givenUpWorkflows: broken.givenUp * level('workflow-success'),
      // Who is busy is slower, and who is young.
      slowdown:
        around(this.#random, 0.06) *
        (1 + 0.25 * load ** 3) *
        pods.slowdown() *
        (1 + (broken.slowdown - 1) * level('p95')),
      cpu: cpu + (broken.cpu - cpu) * level('cpu'),
      memory: memory + (broken.memory - memory) * level('memory'),
    })
  }

  /** Brings the pods to what the cluster tells, less those that are broken. Who goes though it is wanted loses its work. */
  #settlePods(track: Track): void {
    const pods = this.#pods[track]
    const before = pods.count
    const after = Math.floor(this.#surroundings.ready[track] * (1 - broken.podsGone * this.#level(track, 'pods-ready')))
    const crashed = Math.max(0, Math.min(before, this.#surroundings.wanted[track]) - after)
    if (crashed > 0) {
      const lost = this.#queue.lose(track, crashed / before)
      this.#workflowsLost[track] += lost
      // Told by the pods that are left, where some are.
      this.#figures[track]?.fail(lost)
    }
    pods.resize(after)
  }

  #figuresOf(track: Track): TrackFigures {
    const present = this.#figures[track] ?? new TrackFigures()
    this.#figures[track] = present
    return present
  }

  /** Agents that work, spread over the ready pods of both tracks. */
  #agentsByTrack(): Record<Track, number> {
    const { available } = this.agents()
    const pods = this.readyPods('blue') + this.readyPods('green')
    const share = (track: Track) => (pods === 0 ? 0 : (available * this.readyPods(track)) / pods)
    return { blue: share('blue'), green: share('green') }
  }

  /** Ready pods as the cluster tells, less those that are broken. */
  readyPods(track: Track): number {
    return this.#pods[track].count
  }

  wantedPods(track: Track): number {
    return this.#surroundings.wanted[track]
  }

  /** A track's figures; null while it has no ready pod that could tell any, or tells none. */
  figures(track: Track): TrackFigures | null {
    return this.#level(track, 'no-data') > 0 ? null : this.#figures[track]
  }

  requests(track: Track): Requests {
    return { ...this.#requests[track], workflowsLost: this.#workflowsLost[track] }
  }

  /** Workflows that agents of the track are at, and those that wait for one. */
  workflowsInFlight(track: Track): number {
    return this.#queue.inFlight(track)
  }

  workflowsWaiting(): number {
    return this.#queue.waiting
  }

  agents(): { readonly available: number; readonly failed: number } {
    if (tracks.every((track) => this.readyPods(track) === 0)) return { available: 0, failed: agentCount }
    const failed = Math.round(broken.agentsFailed * this.#serviceLevel('agents-failed'))
    const stopped = Math.round(broken.agentsStopped * this.#serviceLevel('agents-available'))
    return { available: agentCount - failed - stopped, failed }
  }

  /** Agents by the version that they run: that of their pods' image. */
  agentsByVersion(): ReadonlyMap<string, number> {
    const { available } = this.agents()
    const old = Math.min(available, Math.round(broken.agentsOld * this.#serviceLevel('agents-compatible')))
    const blue = Math.round(this.#agentsByTrack().blue)
    const found = new Map<string, number>()
    const add = (version: string, count: number) => found.set(version, (found.get(version) ?? 0) + count)
    for (const [track, count] of [
      ['blue', blue],
      ['green', available - blue],
    ] as const)
      if (this.readyPods(track) > 0) add(versionOf(this.#surroundings.images[track]), count)
    const [largest] = [...found].toSorted(([, one], [, other]) => other - one)
    if (largest === undefined || old === 0) return found
    found.set(largest[0], largest[1] - old)
    return found.set(broken.oldVersion, old)
  }

  workflowsStuck(): number {
    return Math.round(broken.workflowsStuck * this.#serviceLevel('workflows-stuck'))
  }

  /** For how long the last backup, and the last test of restoring one, have been over, in seconds. */
  sinceBackup(): number {
    return hour * (backupAge + (broken.backupAge - backupAge) * this.#serviceLevel('backup-recent'))
  }

  sinceRestoreTest(): number {
    return hour * (restoreAge + (broken.restoreAge - restoreAge) * this.#serviceLevel('restore-tested'))
  }

  /** The share of the data that is consistent. */
  dataConsistency(): number {
    return 1 - broken.inconsistent * this.#serviceLevel('data-consistency')
  }

  /** The track that the latest release went to; where it is all there is, or there was none yet, the one beside it. */
  canary(): Track {
    const { weights, wanted } = this.#surroundings
    const released = this.#released
    if (released !== null) return wanted[other[released]] > 0 ? released : other[released]
    return weights.blue < weights.green ? 'blue' : 'green'
  }

  /** Breaks something from now on, at once or over 20 minutes of the model's pace, and says in which tracks. */
  break(what: Breakage, place: BreakagePlace, gradually = false): readonly Track[] {
    const canary = this.canary()
    const hit = isOfService(what) || place === 'both' ? tracks : [place === 'canary' ? canary : other[canary]]
    const over = gradually ? Math.max(10, gradual / this.#pace) : 0
    for (const track of hit) {
      if (what === 'counter-reset') this.#figures[track] &&= new TrackFigures()
      else this.#damage.add(track, what, this.#time, over)
    }
    return hit
  }

  /** What is broken at present. */
  broken(): readonly Broken[] {
    return this.#damage.list(this.#time)
  }

  /** Mends one thing or, without a name, everything, and says what was broken. */
  heal(what?: Breakage): readonly Broken[] {
    return this.#damage.heal(what, this.#time)
  }

  #level(track: Track, what: Breakage): number {
    return this.#damage.level(track, what, this.#time)
  }

  #serviceLevel(what: Breakage): number {
    return this.#damage.worst(what, this.#time)
  }
}

/** What stands behind the colon of an image's name. */
function versionOf(image: string): string {
  return /:([^:/@]+)(@.*)?$/.exec(image)?.[1] ?? 'unknown'
}
