import type { Actor, CheckChange, EventOf, Evidence, Figure, Undone } from './events.ts'
import type { Freeze } from './freeze.ts'
import type { Lock } from './hold.ts'
import type { Role, RolloutSpec, Track } from './plan.ts'
import type { Known } from './quorum.ts'
import type { Parts } from './state.ts'
import type { Step } from './step.ts'

/** Who wants something, and when; the id makes repeating it harmless. */
export interface CommandHead {
  readonly id: string
  /** ms since 1970, at the moment of the click or of the outcome. */
  readonly at: number
  readonly by: Actor
  /** What holds the service at that moment is live, so whoever has the command decided says so. */
  readonly freeze?: Freeze
  readonly lock?: Lock
}

/** What somebody wants. */
export type Wish =
  /**
   * `reason`, where one is given, accepts the report's warnings: it counts when `roles` hold the one that decides. With `override` it is
   * started although it is frozen or locked: `holders` could do that.
   */
  | {
      readonly type: 'start'
      readonly spec: RolloutSpec
      readonly report: Report | null
      readonly all?: true
      readonly reason?: string
      readonly roles?: readonly Role[]
      readonly holders?: readonly string[]
      readonly override?: true
    }
  /** The service was locked, or unlocked: told to the rollout that is under way. */
  | { readonly type: 'lock'; readonly reason: string }
  | { readonly type: 'unlock'; readonly was: Lock }
  /** Somebody else is in charge from now on. */
  | { readonly type: 'hand-over'; readonly to: Actor }
  /**
   * Lets this rollout go on although it is frozen or locked, or its phase was stopped for want of sign-offs. `seen`: when its sender saw what
   * holds it (ms since 1970), if that was earlier. `ofStop`: they saw the message of its stop alone, which names no freeze and no lock.
   */
  | {
      readonly type: 'override'
      readonly reason: string
      readonly seen?: number
      readonly ofStop?: true
      readonly roles: readonly Role[]
      readonly holders: readonly string[]
    }
  /** Lets a rollout go on that was started on a report with warnings. */
  | {
      readonly type: 'accept-warnings'
      readonly reason: string
      readonly roles: readonly Role[]
      readonly holders: readonly string[]
    }
  /** Asks for the next phase, or for all that are left; `version` and `digest` guard against moving the wrong release. */
  | { readonly type: 'advance'; readonly version?: string; readonly digest?: string; readonly all?: true }
  /** `roles` are those the person holds at the moment of the click, `holders` who could, by name. */
  | {
      readonly type: 'approve'
      readonly request: number
      /** The role that was chosen, where several fit. */
      readonly role?: Role
      readonly roles: readonly Role[]
      readonly holders: readonly string[]
      /** Who else could sign; without it nobody is known. */
      readonly known?: Known
    }
  | {
      readonly type: 'reject'
      readonly request: number
      readonly reason: string
      readonly roles: readonly Role[]
      readonly holders: readonly string[]
    }
  /** Takes one's own sign-off back. */
  | { readonly type: 'withdraw'; readonly request: number }
  /** Ends a request: whoever asked, or the role that decides. */
  | {
      readonly type: 'cancel'
      readonly request: number
      readonly roles: readonly Role[]
      readonly holders: readonly string[]
    }
  /** Reminds those who have not signed yet. */
  | { readonly type: 'nudge'; readonly request: number; readonly known: Known }
  /** Ticks a checkpoint of the next phase off; `checkpoint` is its 1-based place. */
  | {
      readonly type: 'tick-checkpoint'
      readonly checkpoint: number
      readonly roles: readonly Role[]
      readonly holders: readonly string[]
    }
  | { readonly type: 'roll-back'; readonly reason: string; readonly forced: boolean }
  | { readonly type: 'pause'; readonly reason: string }
  | { readonly type: 'resume' }
  | { readonly type: 'retry' }
  | { readonly type: 'extend-soak'; readonly ms: number }
  /** `seen` as with an override. */
  | {
      readonly type: 'accept-targets'
      readonly reason: string
      readonly seen?: number
      readonly roles: readonly Role[]
      readonly holders: readonly string[]
    }
  /** Asks for the rest of the soak to be skipped. */
  | { readonly type: 'skip-soak'; readonly reason: string }
  | {
      readonly type: 'approve-skip'
      readonly request: number
      readonly roles: readonly Role[]
      readonly holders: readonly string[]
    }
  | {
      readonly type: 'reject-skip'
      readonly request: number
      readonly roles: readonly Role[]
      readonly holders: readonly string[]
    }
  /** Ends a rollout that has had no traffic yet. */
  | { readonly type: 'abort'; readonly reason: string }
  /** Writes Slipway's own again over somebody else's change. */
  | { readonly type: 'take-over' }
  /** Ends a clean-up that waits for a person: the pods are scaled down all the same. One that failed is tried again. */
  | { readonly type: 'finish' }

/** What was found on the cluster of a rollout of which the ledger knows nothing, or not enough. */
export interface Found extends Parts {
  /** The canary's weight, in percent. */
  readonly weight: number
  readonly fence: { readonly rollout: number; readonly version: number; readonly hash?: string }
}

/** What a job or the watch learned. */
export type Outcome =
  | ({ readonly type: 'record-found'; readonly spec: RolloutSpec } & Found)
  /** The fence on the cluster is newer than this ledger's end, or of an order that it does not know. */
  | ({ readonly type: 'record-newer-fence' } & Found)
  | {
      readonly type: 'record-prepared'
      readonly stable: Track
      readonly canary: Track
      readonly stableSize: number
      readonly stableImage: string
      readonly canaryImage: string
      readonly canarySize?: number
      readonly autoscalers?: readonly { readonly name: string; readonly track: Track }[]
    }
  | { readonly type: 'record-canary-ready'; readonly phase: number; readonly replicas: number; readonly ms: number }
  | {
      readonly type: 'record-shifted'
      readonly phase: number
      readonly from: number
      readonly weight: number
      readonly steps: readonly Step[]
    }
  | {
      readonly type: 'record-step-failed'
      readonly step: 'prepare' | 'shift'
      readonly phase: number
      readonly code: string
      readonly what: string
      readonly todo: string
      readonly log?: readonly string[]
    }
  | {
      readonly type: 'record-soak'
      readonly phase: number
      /** Which time was observed: the phase's soak, or the rollback window after the last one. */
      readonly of: 'soak' | 'window'
      readonly observed: number
      readonly figures: readonly Figure[]
    }
  /** The soak will be full in `remaining` ms of observed time: the next phase may be asked for. */
  | { readonly type: 'record-soak-ending'; readonly phase: number; readonly remaining: number }
  /** What readiness came to when it was checked again for an open request. */
  | {
      readonly type: 'record-recheck'
      readonly request: number
      readonly judgement: EventOf<'readiness-rechecked'>['judgement']
      readonly changes: readonly CheckChange[]
    }
  /** What the canary's pods say they run. `failure`: what a phase that is under way is stopped with where some of that is new. */
  | {
      readonly type: 'record-image-ids'
      readonly ids: readonly string[]
      readonly failure: { readonly code: string; readonly what: string; readonly todo: string }
    }
  | { readonly type: 'record-blind'; readonly metrics: readonly { readonly metric: string; readonly reason: string }[] }
  /** `since`: when the blindness was found that is over (ms since 1970); a later one is another. */
  | { readonly type: 'record-sight'; readonly since: number }
  | {
      readonly type: 'record-drift'
      readonly what: string
      readonly manager: string
      readonly larger?: { readonly track: Track; readonly replicas: number }
      readonly weight?: number
    }
  /** `since`: when the change was found that is gone (ms since 1970); a later one is another. */
  | { readonly type: 'record-no-drift'; readonly since: number }
  /** `order`: version of the order to take over that could not be carried out. */
  | { readonly type: 'record-take-over-failed'; readonly order: number; readonly what: string; readonly todo: string }
  /** `alone`: found without the ledger; under which key it was paged, and where the incident can be seen, when it was taken already. */
  | {
      readonly type: 'record-breach'
      readonly evidence: Evidence
      readonly alone?: { readonly key: string; readonly undone?: Undone; readonly link?: string }
    }
  | {
      readonly type: 'record-restored'
      readonly from: number
      readonly steps: readonly Step[]
      readonly restoredAt: number
    }
  /** Traffic was taken back without the ledger: by break-glass, or by a process that could not reach Redis. */
  | {
      readonly type: 'record-break-glass'
      readonly cause: 'breach' | 'person' | 'break-glass'
      readonly forced: boolean
      readonly reason: string
      readonly from: number
      readonly steps: readonly Step[]
      readonly restoredAt: number
      /** Of a breach; without it, it went with the process that found it. */
      readonly evidence?: Evidence
      /** Where the incident can be seen, when it was paged already. */
      readonly link?: string
    }
  | {
      readonly type: 'record-rollback-failure'
      readonly code: string
      readonly what: string
      readonly todo: string
      /** Key of the breach's incident, where that was paged, and the traffic taken back since: it needs none of its own. */
      readonly incident?: string
      /** Where its own incident can be seen, when it was paged already. */
      readonly link?: string
    }
  /** `pause`: a pause of so many ms stood in for counting. */
  | { readonly type: 'record-traffic-verified'; readonly track: Track; readonly pause?: number }
  /** `share` is the canary's of the counted requests in percent; `instead`: why none could be counted, so that the pause stood in. */
  | {
      readonly type: 'record-converged'
      readonly phase: number
      readonly weight: number
      readonly share: number | null
      readonly ms: number
      readonly instead?: string
    }
  /** `track` is the one that gets too many or too few; `weight` what it was to get, `share` what it gets, in percent. */
  | {
      readonly type: 'record-not-converged'
      readonly track: Track
      readonly weight: number
      readonly share: number | null
      readonly ms: number
    }
  /** `order`: which clean-up held: one by itself (`due`), or one that a person had ordered. */
  | {
      readonly type: 'record-clean-up-held'
      readonly track: Track
      readonly why: string
      readonly order: 'due' | 'ordered'
      /** It was tried, and `why` says what was in its way. */
      readonly failed?: true
    }
  /** `autoscalers`: those that have their own minimum back. */
  | { readonly type: 'record-cleaned-up'; readonly track: Track; readonly autoscalers?: readonly string[] }
  /** `tool` manages these fields from Git, where they stand otherwise now. */
  | {
      readonly type: 'record-git-behind'
      readonly tool: string
      readonly changes: readonly { readonly object: string; readonly path: string; readonly value: string }[]
    }
  | { readonly type: 'record-stable-recovered'; readonly since: number }
  /** Stable has been watched for as long as it is, and was not seen to be well. */
  | { readonly type: 'record-recovery-not-seen' }
  /** Somebody gives the other track traffic, and nobody had told Slipway of a release: it observes it from here. */
  | ({
      readonly type: 'record-traffic-found'
      readonly spec: RolloutSpec
      readonly weight: number
      readonly manager: string
    } & Parts)
  /** The tracks of an observed rollout as they stand when it begins. */
  | ({ readonly type: 'record-tracks' } & Parts)
  /**
   * The weights of an observed rollout have changed, or stand as they are until its end. `observed`: of the soak that ends by it, in ms;
   * `image`: the canary's.
   */
  | {
      readonly type: 'record-weight'
      readonly weight: number
      readonly manager: string
      readonly image: string
      readonly observed: number
    }
  /** A broken limit that was told is kept again, for as long as breaking it takes. */
  | { readonly type: 'record-recovered'; readonly metric: string; readonly since: number }
  | { readonly type: 'record-page'; readonly key: string; readonly link: string }
  | { readonly type: 'record-page-resolved'; readonly key: string }
  /** Time passes: what is due becomes events. `unreachableSince`: Slack has not been reachable since then (ms). */
  | { readonly type: 'tick'; readonly unreachableSince: number | null }

/** The verdict of a readiness report, as far as a start needs it. */
export interface Report {
  readonly id: string
  readonly version: string
  /** What was looked at. */
  readonly image: string
  readonly validUntil: number
  /** How many checks block. */
  readonly blocks: number
  /** What it warns of, in words. */
  readonly warnings?: readonly string[]
  /** Another configuration was looked at than the present one. */
  readonly otherConfiguration?: true
}

export type Command = CommandHead & (Wish | Outcome)
export type CommandOf<T extends Command['type']> = Extract<Command, { type: T }>
