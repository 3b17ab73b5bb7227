import type { SlipwayError } from '../errors.ts'
import type { MissingReason, Role, Track } from '../rollout/plan.ts'
import type { MarkedPoint } from '../rollout/point-of-no-return.ts'
import type { Step } from '../rollout/step.ts'

export type { Step } from '../rollout/step.ts'

/** Time, so that tests and the simulation can set it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after `ms`, or rejects when the signal aborts. */
  wait(ms: number, signal?: AbortSignal): Promise<void>
}

/** Orders writes to the cluster: a writer that finds a newer one stops (rule 4). */
export interface Fence {
  /** The service's rollout number. */
  readonly rollout: number
  /** The ledger version of the event that ordered the write. */
  readonly version: number
  /** Hash of that event: it tells two histories apart that came to the same version. Writers before 1.0 gave none. */
  readonly hash?: string
}

/** The fence of a write that goes forward, with what its ledger ordered before: it continues nothing else. */
export interface Order extends Fence {
  /** Hashes of every order that the ledger knows of, its own among them. */
  readonly known: readonly string[]
  /** Not written after this moment (ms since 1970): what its gate has said is too old then. By default it does not grow old. */
  readonly until?: number
}

/** What Slipway wrote on the route: the fence, the parts, and whether break-glass closed it. */
export interface Mark extends Fence {
  readonly service: string
  readonly stable: Track
  readonly canary: Track
  /** Set by break-glass: nothing of this rollout may write a weight again. */
  readonly closed: boolean
  /** Who wrote it (`slipway`, or `cli:user@host` for break-glass) and when (ISO 8601). */
  readonly by: string
  readonly at: string
}

/** What a rollout marks the route with before it writes anything else. */
export interface Claim extends Omit<Mark, 'closed' | 'by' | 'at'> {
  /** Where its version declares one: break-glass knows of it from here alone. */
  readonly pointOfNoReturn?: MarkedPoint
}

/** Why a pod, or its Deployment, won't get there by waiting, in its own words. */
export interface PodProblem {
  /** The pod; the Deployment where that is what is stuck. */
  readonly pod: string
  /** `ImagePullBackOff`, `CrashLoopBackOff`, `OOMKilled`, `Unschedulable`, `FailedCreate`, `ProgressDeadlineExceeded`, `NoReadyPods`, … */
  readonly reason: string
  /** Bounded, and without what looks like a secret. */
  readonly message: string
  /** A container that ran and ended, so that its log may tell more; `previous`: it runs again, and the run before is meant. */
  readonly ended?: { readonly container: string; readonly previous: boolean }
}

/** One Deployment as it stands. */
export interface TrackView {
  readonly track: Track
  readonly deployment: string
  readonly image: string
  /** Wanted size. */
  readonly replicas: number
  /** Ready pods of the wanted image, that the Deployment's controller counts too (0 until it has seen the last change). */
  readonly ready: number
  /** Ready pods of any image: those that answer requests. */
  readonly serving: number
  /** Ready pods of another image that have not been told to go: they serve as long as they stay. */
  readonly oldReady: number
  /** All pods still there, of any image. */
  readonly pods: number
  /** What the pods of the wanted image say they run, each once; empty while none says. */
  readonly imageIds: readonly string[]
  /** A pod that fails. */
  readonly problem?: PodProblem
  readonly fence: Fence | null
  /** The field managers that wrote the pod template, and the size, last; when the API server tells. */
  readonly lastManager?: string
  readonly sizedBy?: string
}

/** The managed pair of destinations as it stands. Weights in percent of the pair's sum. */
export interface RouteView {
  readonly weights: Readonly<Record<Track, number>>
  /** Other routes of the same object that send to a track as well, whatever the weights: by name or place. */
  readonly others: Readonly<Record<Track, readonly string[]>>
  readonly mark: Mark | null
  /** The field manager that wrote the spec last, when the API server tells. */
  readonly lastManager?: string
}

export interface ClusterView {
  readonly tracks: Readonly<Record<Track, TrackView>>
  readonly route: RouteView
}

/** A HorizontalPodAutoscaler that sizes a track. */
export interface AutoscalerView {
  readonly name: string
  readonly track: Track
  /** Fewest and most pods, as they stand. */
  readonly minimum: number
  readonly maximum: number
  /** Has Slipway raised its minimum, and not given it back yet? */
  readonly pinned: boolean
  readonly fence: Fence | null
}

export interface WeightsWritten {
  /** The canary's weight before. */
  readonly from: number
  /** The canary's weight as read back. */
  readonly to: number
  readonly steps: readonly Step[]
}

/** A tool that manages the same objects from Git. */
export interface GitOps {
  readonly tool: 'Argo CD' | 'Flux' | 'Flux (Helm)'
  /** Its Application, Kustomization or HelmRelease, where the objects say. */
  readonly source: string | null
  /** Which of the objects that Slipway writes to come from there. */
  readonly objects: readonly string[]
  /** YAML for that source's `spec`, so that it leaves weights, images and sizes alone. */
  readonly text: string
}

/** One field as a finished rollout leaves it, for whoever keeps it in Git. */
export interface GitChange {
  readonly object: string
  /** JSON pointer. */
  readonly path: string
  readonly value: string
}

/** What Slipway looks at on the cluster. Every error is a SlipwayError with a code of the table (`cluster-forbidden`, …). */
export interface ClusterReader {
  view(): Promise<ClusterView>
  /** The last lines of the log of the container that ended: few, short, without what looks like a secret. Never throws. */
  lastLines(problem: PodProblem): Promise<readonly string[]>
  /** How the Deployments' pod templates differ beyond the image, as JSON pointers; empty when they don't. */
  templateDifferences(): Promise<readonly string[]>
  /**
   * What keeps weights from doing what they say: the route, its sum, other routes to the tracks, subsets and Services that don't lead to
   * the tracks' pods, another controller. `weights` are those of the phases, in percent. Empty when all is well.
   */
  trafficProblems(weights: readonly number[]): Promise<readonly SlipwayError[]>
  /**
   * Where the namespace's quotas leave no room for `pods` more of a track's, in words; empty where they do, or can't be read. The other
   * track's pods show what a pod gets beyond its template: see `needsOfOneMore`.
   */
  quotaShortfalls(track: Track, pods: number): Promise<readonly string[]>
  /** Tools that manage the route or the Deployments from Git; empty when none is recognised. */
  gitOps(): Promise<readonly GitOps[]>
  /** Image, size and weights as they stand, where Git has to have them. */
  gitChanges(): Promise<readonly GitChange[]>
  /** The autoscalers of the two tracks; empty where there are none. */
  autoscalers(): Promise<readonly AutoscalerView[]>
  /** The `kubectl` line that gives `stable` everything by hand, filled in for the route as it stands now. */
  byHand(stable: Track): Promise<string>
}

/** What Slipway does to the cluster. */
export interface Cluster extends ClusterReader {
  /**
   * Marks the route for a rollout. Repeating it is fine; a newer rollout's fence refuses. The same rollout's parts are swapped only while
   * the new stable has everything (`weights-differ`).
   */
  claim(mark: Claim): Promise<void>
  /** Sets a track's size, and image where given. No write when nothing changes. */
  size(
    track: Track,
    /** `atLeast`: a track that is larger by the time of the write keeps its size. */
    change: { readonly image?: string; readonly replicas: number; readonly atLeast?: true },
    fence: Fence,
  ): Promise<void>
  /**
   * Lets no autoscaler take a track below `minimum` pods (as far as its maximum allows), until `unpin`: its own minimum is kept on the
   * object. Repeating it is fine; a newer fence refuses.
   */
  pin(track: Track, minimum: number, fence: Fence): Promise<void>
  /**
   * Gives the tracks' autoscalers their own minimum back, but for those that a newer rollout has pinned; a minimum that somebody else
   * has written since stays. Returns the names of those that were pinned.
   */
  unpin(fence: Fence): Promise<readonly string[]>
  /** Gives the canary `weight` percent of the pair; refuses a fence that is newer or unknown, and when the present weights are not `expected` (or already `weight`). */
  shift(canary: Track, weight: number, expected: number, order: Order): Promise<WeightsWritten>
  /**
   * Gives stable everything: scales it first when fewer of its pods are ready than configured (20 s at most from `since` on, in ms since
   * 1970, however often it is tried), writes, reads back. `hold` refuses with `stable-not-ready` when stable has no ready pod at all; `go-ahead` writes all
   * the same.
   */
  restore(
    stable: Track,
    stableSize: number,
    fence: Fence,
    whenEmpty: 'hold' | 'go-ahead',
    since: number,
  ): Promise<WeightsWritten>
}

/**
 * One answer of Prometheus: exactly one finite, fresh number, or why not. `refused`: the query failed as it is wrong itself, not as nobody
 * answered it.
 */
export type Sample =
  | { readonly value: number; readonly at: number }
  | { readonly missing: MissingReason; readonly detail: string; readonly refused?: true }

export interface Metrics {
  /** Runs an instant query; never throws. `staleAfter` in ms. */
  query(promql: string, staleAfter: number): Promise<Sample>
}

export interface Page {
  /** Deduplication key: service, rollout, cause, breach number. */
  readonly key: string
  readonly severity: 'critical' | 'error' | 'warning'
  readonly summary: string
  readonly details: Readonly<Record<string, string>>
}

/** Something that was done to the service, for people who look at an incident. */
export interface Change {
  readonly summary: string
  /** ms since 1970. */
  readonly at: number
  readonly details: Readonly<Record<string, string>>
}

export interface Paging {
  /** Returns where the incident can be seen. Repeating it with the same key is fine while the incident is open. */
  trigger(page: Page): Promise<{ readonly link: string }>
  resolve(key: string): Promise<void>
  /** Pages nobody. PagerDuty knows no deduplication here: told twice, it is there twice. */
  change(change: Change): Promise<void>
}

/** The way to people and back. */
export interface Reach {
  /** True when Slack takes messages and brings clicks at this moment. Never throws. */
  reachable(): Promise<boolean>
}

/**
 * Who holds which role at this moment; full members of the workspace only. Every method throws a SlipwayError when that can't be
 * known: `people-unknown` while it may pass by itself, `people-refused`, `user-groups-missing` or `user-group-unknown` until
 * somebody mends it.
 */
export interface People {
  /** Which of these roles a person (a Slack user id) holds, in their order. */
  rolesOf(user: string, among: readonly Role[]): Promise<readonly Role[]>
  /** Is somebody a full member of the workspace: not deactivated, no guest, no bot, nobody of another workspace? */
  isMember(user: string): Promise<boolean>
  /** Is somebody on call for the service that pages? Nobody is where PagerDuty can't be asked. */
  isOnCall(user: string): Promise<boolean>
  /** How the workspace calls somebody at this moment. */
  nameOf(user: string): Promise<string>
  /** Slack user ids of those who hold each of these roles. */
  holdersOf(roles: readonly Role[]): Promise<Readonly<Record<Role, readonly string[]>>>
}

/** Somebody who is on call. */
export interface Person {
  readonly name: string
  /** By which Slack knows them; PagerDuty shows it to tokens that may see it. */
  readonly email: string | null
}

/** Who is on call at this moment, each once. Every method throws `paging-refused` or `paging-unreachable`. */
export interface OnCall {
  /** For the service that pages; not there where its page does not say which that is. */
  readonly forService?: () => Promise<readonly Person[]>
  /** By a schedule of this id; nobody where PagerDuty knows none. */
  onSchedule(id: string): Promise<readonly Person[]>
}

/** What break-glass did. */
export interface BrokenGlass extends WeightsWritten {
  readonly service: string
  readonly rollout: number
  readonly stable: Track
  /** The point of no return that the mark tells of, passed or not. */
  readonly pointOfNoReturn?: MarkedPoint
}

/**
 * Gives stable everything without ledger, fence or configuration, and closes the fence. `by` stands in the mark,
 * from which everything else is read. `only`: the traffic of this rollout alone; where the cluster carries a newer one it throws
 * `newer-fence`. Without it, that one's.
 */
export type BreakGlass = (by: string, whenEmpty: 'hold' | 'go-ahead', only?: number) => Promise<BrokenGlass>
