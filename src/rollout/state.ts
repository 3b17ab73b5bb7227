import type { Actor, Event, Evidence, Figure } from './events.ts'
import type { Overridden } from './hold.ts'
import type { PageCause } from './pages.ts'
import type { Role, RolloutSpec, Track } from './plan.ts'

/** Where a rollout is. `paused` lies over these. */
export type Stage =
  | 'preparing'
  | 'awaiting-sign-off'
  | 'shifting'
  | 'soaking'
  | 'soaked'
  | 'waiting'
  | 'released'
  | 'complete'
  | 'rolling-back'
  | 'rollback-failed'
  | 'rolled-back'
  | 'observing'
  | 'observed'

export interface SignOff {
  readonly role: Role
  readonly by: Actor
  readonly at: number
}

/** An open request for the sign-offs of one plan. Its id is the version of the event that opened it. */
export interface Request {
  readonly id: number
  /** The phase that it starts next. */
  readonly phase: number
  /** Every phase that its plan covers, in order. */
  readonly phases: readonly number[]
  readonly plan: string
  /** Of the plan's text; an older Slipway wrote none. */
  readonly planHash?: string
  readonly by: Actor
  readonly at: number
  /** Null while it is signed for several phases and the one before is still under way. */
  readonly expiresAt: number | null
  /** Readiness was checked again for it. */
  readonly rechecked?: true
  /** When those who are missing were reminded last, and by whom. */
  readonly nudged?: { readonly at: number; readonly by: string }
  readonly signOffs: readonly SignOff[]
  /** Who has taken their own back, and when last, by user id; `role` as in the event. */
  readonly withdrawn?: Readonly<Record<string, { readonly at: number; readonly role?: Role }>>
}

/** Somebody wants the rest of a soak skipped; one sign-off of its own decides. Its id is the version of its event. */
export interface SkipRequest {
  readonly id: number
  readonly phase: number
  readonly reason: string
  readonly by: Actor
  readonly at: number
  readonly expiresAt: number
}

/** A checkpoint of a phase that somebody has looked at. */
export interface Tick {
  readonly phase: number
  readonly checkpoint: number
  readonly role: Role
  readonly by: Actor
  readonly at: number
}

/** How a request ended, kept to answer late clicks. */
export interface DecidedRequest {
  readonly id: number
  readonly phase: number
  readonly how: 'signed' | 'rejected' | 'cancelled' | 'expired' | 'voided' | 'ended'
  readonly by: string
  readonly at: number
}

/** The two parts, fixed when the rollout is prepared. */
export interface Parts {
  readonly stable: Track
  readonly canary: Track
  readonly stableSize: number
  readonly stableImage: string
  readonly canaryImage: string
  /** Pods that the canary's Deployment had before its first phase, where that is known. */
  readonly canarySize?: number
}

/** An event that ordered writes to the cluster. */
export interface Order {
  readonly version: number
  /** Of the event; it stands for everything before, too. Older ledgers have none. */
  readonly hash?: string
}

/** What became of one phase, for the card and the summary. */
export interface PhaseRecord {
  readonly phase: number
  readonly startedAt: number
  /** User id of who asked for it. */
  readonly askedBy?: string
  /** Until then its weight may be written: of a phase that people have signed. */
  readonly signedUntil?: number
  readonly shiftedAt?: number
  readonly endedAt?: number
  /** The soak was not completed: somebody signed for that. */
  readonly skipped?: true
  readonly observed?: number
  readonly figures?: readonly Figure[]
  readonly signOffs: readonly SignOff[]
}

export interface Rollback {
  /** Version of the event that ordered it: the fence of its writes. */
  readonly version: number
  readonly cause: 'breach' | 'person' | 'abort' | 'hold-expired' | 'break-glass'
  readonly forced: boolean
  readonly reason: string
  readonly by: Actor
  readonly orderedAt: number
  readonly failedAttempts: number
  /** Key of the incident that the order itself opened, of a breach whose evidence is not on record, or came later. */
  readonly incident?: string
  /** Code of the failure that was told last. */
  readonly failing?: string
  readonly restoredAt?: number
  /** The canary's weight before it, as the cluster had it. */
  readonly from?: number
}

/** What Slipway saw of a release that somebody else drives, and what it would have done. */
export interface Observation {
  /** The events that the summary is made of, oldest first. */
  readonly story: readonly Event[]
  /** When it would have rolled back; it would not have gone forward after that. */
  readonly wouldRollBack?: { readonly at: number; readonly metric: string }
  /** Metrics whose broken limit was told and is still broken. */
  readonly broken: readonly string[]
  readonly ended?: { readonly how: 'released' | 'taken-back' | 'stopped'; readonly by: Actor; readonly at: number }
}

/** An incident: opened by an event, with a link once PagerDuty has it. */
export interface PageRecord {
  readonly key: string
  readonly cause: PageCause
  readonly link: string | null
  readonly sentAt?: number
  readonly resolved: boolean
}

/** A rollout as the fold of its events. Times in ms since 1970. */
export interface State {
  readonly service: string
  readonly rollout: number
  /** Number of events folded: the version an append must carry. */
  readonly version: number
  /** Hash of the last of them; older ledgers have none. */
  readonly hash?: string
  readonly stage: Stage
  readonly spec: RolloutSpec
  readonly startedBy: Actor
  readonly startedAt: number
  /** The first request is to cover every phase. */
  readonly all?: true
  readonly parts?: Parts
  /** The last phase that was started; 0 before the first. */
  readonly phase: number
  /** The canary's weight as far as the ledger knows, in percent. */
  readonly weight: number
  /** Version of the last order to write forward (`phase-started`, or a `taken-over` since): the fence of its writes. */
  readonly phaseVersion: number
  readonly phases: readonly PhaseRecord[]
  /** The last phase for which the canary was ready. */
  readonly canaryReadyPhase: number
  /** With how many pods. */
  readonly canaryReplicas?: number
  /** Added to the version of every order in its fence: what the cluster carried when the end of the record was lost. */
  readonly fenceFloor: number
  /** What ordered writes so far, oldest first. */
  readonly orders: readonly Order[]
  /** Hashes of orders that the cluster carried and this record had lost: that was taken note of. */
  readonly lostOrders: readonly string[]
  /** A part of this record is missing (rule 8): it holds, is watched, and can only be rolled back. */
  readonly lost?: { readonly at: number }
  /** The report warned, and nobody has accepted that yet: nothing is prepared before. */
  readonly warned?: { readonly of: readonly string[]; readonly at: number; readonly expiresAt: number }
  readonly request?: Request
  readonly skip?: SkipRequest
  readonly decided: readonly DecidedRequest[]
  /** The last phase that could be asked for before the soak ahead of it had passed. */
  readonly openedPhase: number
  /** The last phase whose checkpoints people were asked to look at. */
  readonly checkpointsAsked: number
  readonly ticks: readonly Tick[]
  /** What the canary's pods have reported to run, sorted. */
  readonly imageIds?: readonly string[]
  /** Those that were there when the last phase was started, or were let through since; undefined while no weight was signed for by id. */
  readonly signedIds?: readonly string[]
  /** `version` of the event. */
  readonly paused?: { readonly by: Actor; readonly at: number; readonly reason: string; readonly version: number }
  /** Extra observed time that people added to this phase's soak, in ms. */
  readonly extraSoak: number
  /** Who took it over last; `version` of that event. */
  readonly handover?: { readonly to: Actor; readonly at: number; readonly version: number }
  /** What somebody has let it go on in spite of. */
  readonly overridden?: Overridden
  /** `version` of the event that asked for it. */
  readonly decision?: {
    readonly version: number
    readonly since: number
    readonly pageAt: number
    readonly rollBackAt: number
    readonly overdue: boolean
    readonly figures: readonly Figure[]
  }
  readonly blind?: {
    readonly since: number
    readonly paged: boolean
    readonly metrics: readonly { readonly metric: string; readonly reason: string }[]
  }
  readonly drift?: {
    readonly what: string
    readonly manager: string
    readonly at: number
    /** Of the event that asked last what to do about it: it was found, or taking over again failed. */
    readonly version: number
    readonly larger?: { readonly track: Track; readonly replicas: number }
    /** The canary's weight as somebody else has set it, in percent. */
    readonly weight?: number
    /** Version of the order to write Slipway's own again. */
    readonly takenOver?: number
  }
  /** Sizes above Slipway's own that somebody set and somebody decided to keep. */
  readonly keptSizes: Readonly<Partial<Record<Track, number>>>
  /** Slack can't be reached: sign-off clocks stop. */
  readonly silence?: { readonly since: number; readonly toldAt: number; readonly paged: boolean }
  readonly failure?: {
    readonly step: 'prepare' | 'shift'
    readonly code: string
    readonly what: string
    readonly todo: string
    readonly at: number
  }
  readonly breaches: readonly { readonly number: number; readonly at: number; readonly evidence: Evidence }[]
  readonly rollback?: Rollback
  readonly pages: readonly PageRecord[]
  /** Versions of the last events that PagerDuty is told of, as incidents and as change events; 0 when there was none. */
  readonly toldPagerDuty: { readonly paging: number; readonly 'change-events': number }
  /** `due`: when the track is idle; `held`: a person is asked; `failed`: until a person has it tried again; `ordered`: a person said to do it all the same. */
  readonly cleanUp: 'none' | 'due' | 'held' | 'failed' | 'ordered' | 'done'
  /** When a person was asked about it last, or had it tried again. */
  readonly cleanUpSince?: number
  /** Version of the event that asked a person about it last. */
  readonly cleanUpAsked?: number
  /** Do requests follow the weight since the last shift? Without an outcome it is still being looked at. */
  readonly convergence?: {
    readonly weight: number
    readonly since: number
    /** `followed`: counted; `paused`: the configured pause stood in; `missed`: not in time, and told. */
    readonly outcome?: 'followed' | 'paused' | 'missed'
  }
  /** A track that lost its traffic still had requests when they should have been gone: told once. */
  readonly lingering?: true
  /** What Git needs after a completed rollout has been told. */
  readonly gitBehind?: true
  /** Requests confirm that the track to be cleaned up gets none, since. */
  readonly verifiedAt?: number
  /** After a rollback: is stable still watched before its incident may be resolved? */
  readonly recovery: 'none' | 'watched' | 'seen' | 'not-seen'
  readonly windowOpenedAt?: number
  /** Only of a rollout that somebody else drives. */
  readonly observation?: Observation
  readonly completedAt?: number
  /** Ids of the commands that were taken, so that repeating one changes nothing. */
  readonly commands: ReadonlySet<string>
}

/** Has the rollout come to its end, one way or the other? */
export function isOver(state: State): boolean {
  return state.stage === 'complete' || state.stage === 'rolled-back' || state.stage === 'observed'
}

/** When all traffic was where it belongs at the end, in ms; undefined before that, and of a release that was only observed. */
export function endedAt({ completedAt, rollback }: State): number | undefined {
  return completedAt ?? rollback?.restoredAt
}

/** Does Slipway only look on while somebody else drives it? */
export function isObserved(state: State): boolean {
  return state.spec.mode === 'observe'
}

/** Is (or may be) traffic on the canary, so that it must be watched? */
export function isWatched(state: State): boolean {
  return state.weight > 0 && !isOver(state) && state.rollback === undefined
}

/** The most that the canary can have by Slipway's own doing, in percent: a shift may have been written and not be on record yet. */
export function greatestWeight(state: State): number {
  const ordered = state.stage === 'shifting' ? phaseOf(state, state.phase)?.weight : undefined
  return Math.max(state.weight, ordered ?? 0)
}

/** Is it over without its canary ever having had traffic: by the ledger, and by what the cluster had when it was taken back? */
export function hadNoTraffic({ rollback, phases, lost, fenceFloor }: State): boolean {
  return (
    rollback?.from === 0 && lost === undefined && fenceFloor === 0 && phases.every((p) => p.shiftedAt === undefined)
  )
}

/** Is it being ended without its canary having had traffic, by all that is known? An abort is refused once a shift may have been written. */
export function endsWithoutTraffic({ rollback, drift, fenceFloor }: State): boolean {
  return rollback?.cause === 'abort' && drift === undefined && fenceFloor === 0
}

/** Does this rollout keep others of its service from starting? */
export function holdsService(state: State): boolean {
  return !isOver(state) || (state.cleanUp !== 'none' && state.cleanUp !== 'done')
}

/** Is anything left to do for it: the recovery sweep looks after it until then. */
export function isOpen(state: State): boolean {
  return (
    holdsService(state) ||
    state.recovery === 'watched' ||
    state.silence !== undefined ||
    state.pages.some((p) => !p.resolved && state.recovery === 'seen')
  )
}

/** The fence of a write that the event of this version ordered (rule 4). */
export function fenceOf(
  { rollout, fenceFloor, orders }: State,
  version: number,
): { readonly rollout: number; readonly version: number; readonly hash?: string } {
  const hash = orders.find((order) => order.version === version)?.hash
  return { rollout, version: fenceFloor + version, ...(hash !== undefined && { hash }) }
}

/** The same for a write that goes forward, with what it continues. */
export function orderOf(state: State, version: number) {
  return { ...fenceOf(state, version), known: knownOrders(state) }
}

/** The version of the last event that ordered writes. */
export function lastOrder({ orders, version }: State): number {
  return orders.at(-1)?.version ?? version
}

/** Hashes of every order that this record knows of: a mark with another one is of a history that it does not continue. */
export function knownOrders({ orders, lostOrders }: State): readonly string[] {
  return [...orders.flatMap(({ hash }) => hash ?? []), ...lostOrders]
}

/**
 * The newest fence that this ledger can have given out. A newer one of the same rollout on the cluster shows that the end of
 * the record is missing, however many events were appended since.
 */
export function newestFence(state: State): { readonly rollout: number; readonly version: number } {
  const { rollback, phaseVersion, version } = state
  return fenceOf(state, rollback?.version ?? (phaseVersion > 0 ? phaseVersion : version))
}

/** The phase of the specification with this number, where there is one. */
export function phaseOf(state: State, number: number) {
  return state.spec.phases.find((p) => p.number === number)
}

/** The weight (percent) up to which sign-offs on record reach: that of the phases that were started; 0 when none was. */
export function signedWeight(state: State): number {
  return Math.max(0, ...state.phases.map(({ phase }) => phaseOf(state, phase)?.weight ?? 0))
}

/** The phase that comes after the last one started. */
export function nextPhase(state: State) {
  return phaseOf(state, state.phase + 1)
}

/** The phase whose traffic is watched, and since when it has had its weight: while the next one shifts, still the last. */
export function watchedPhase(state: State): { readonly phase: number; readonly since: number } {
  const shifted = state.phases.findLast((p) => p.shiftedAt !== undefined)
  return {
    phase: shifted?.phase ?? state.phase,
    since: shifted?.shiftedAt ?? state.phases.at(-1)?.startedAt ?? state.startedAt,
  }
}
