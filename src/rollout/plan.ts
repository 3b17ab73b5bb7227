/** One of the two Deployments that take turns as stable and canary. */
export type Track = 'blue' | 'green'

/** Who a sign-off comes from: a key of `roles` in the configuration. */
export type Role = string

/** What a metric is about. `compare` sets the canary against stable. */
export type Scope = 'canary' | 'stable' | 'service' | 'compare'

/** How a value is shown: ratios as percent, durations as ms or s. Values are always in the unit's base (ratio 0..1, ms). */
export type Unit = 'ratio' | 'milliseconds' | 'per-second' | 'count'

/** A comparison that a value either satisfies or does not, with the notation a person wrote (`< 500ms`). */
export interface Threshold {
  readonly op: '<' | '<=' | '>' | '>='
  readonly value: number
  readonly text: string
}

/** Why there is no number to judge (rule 6). */
export const missingReasons = ['empty', 'not-finite', 'stale', 'several-series', 'failed', 'few-requests'] as const
export type MissingReason = (typeof missingReasons)[number]

/** What a missing number leads to: hold the soak, count as broken limit, or leave this metric out of the judgement. */
export type MissingOutcome = 'hold' | 'breach' | 'ignore'

/**
 * How the canary is set against stable: a rank test over readings of both tracks that were taken at the same moments and
 * whose windows don't overlap. For noise that no fixed limit fits.
 */
export interface Comparison {
  /** Which way is worse. */
  readonly worse: 'higher' | 'lower'
  /** The canary may be worse by this share of stable's value (0..). */
  readonly tolerance: number
  /** Fewest readings of each track; before that nothing is said. */
  readonly readings: number
  /** The test's p must be below this (0..1). */
  readonly significance: number
  /** In at least this share of pairs the canary must be the worse one (0.5..1): the effect size. */
  readonly effect: number
  /** Does a canary that is worse roll back? Otherwise its soak ends waiting for a decision. */
  readonly critical: boolean
}

/** One watched quantity. Frozen with the rollout. */
export interface Metric {
  readonly name: string
  readonly title: string
  readonly group: string
  readonly scope: Scope
  readonly unit: Unit
  /** PromQL with `$canary`, `$stable` and `$window`; with `$track` and `$window` where `compare` reads both tracks. */
  readonly query: string
  /** Window of the query in ms, never longer than the phase has run; `phase`: as long as the phase has run. */
  readonly window: number | 'phase'
  /** What good looks like; must hold at the end of a soak. */
  readonly target?: Threshold
  /** Satisfied means broken: confirmed, it rolls back. */
  readonly limit?: Threshold
  /** How many readings in a row confirm a broken limit. */
  readonly confirm: number
  /** Fewer requests than this in the window are too few to judge. */
  readonly minRequests?: number
  /** In the first so many ms of a phase it is not judged, and no time counts. */
  readonly warmUp?: number
  /** In place of target and limit, where the scope is `compare`. */
  readonly compare?: Comparison
  readonly missing: Readonly<Record<MissingReason, MissingOutcome>>
}

/** What a phase may ask of a metric in its own way. */
export type MetricOverride = Partial<Pick<Metric, 'target' | 'limit' | 'confirm' | 'minRequests' | 'warmUp'>>

/** A weight and a soak. Frozen with the rollout. */
export interface Phase {
  /** 1 is the first phase with traffic. */
  readonly number: number
  readonly name: string
  /** What the phase proves, for people. */
  readonly proves: string
  /** The canary's share in percent. */
  readonly weight: number
  /** Observed time that must pass, in ms. */
  readonly soak: number
  /** Roles that must sign off: a role stands once for each sign-off that it must give, each by another person. */
  readonly roles: readonly Role[]
  /** May the person who asked for the phase sign off too? */
  readonly requesterMaySign: boolean
  /** Brings the canary to stable's full size instead of one by weight. */
  readonly fullSize: boolean
  /** What is different for some metrics in this phase, by the metric's name. */
  readonly metrics?: Readonly<Record<string, MetricOverride>>
  /** How long a request for this phase's sign-offs stands, in ms; without it the release's `signOffExpires`. */
  readonly signOffExpires?: number
  /** What people look at before this phase starts, in order. */
  readonly checkpoints?: readonly Checkpoint[]
}

/** Something that a person of a role looks at and ticks off. */
export interface Checkpoint {
  readonly text: string
  readonly role: Role
}

/** Something that a rollback does not undo: a schema migration, for instance. */
export interface PointOfNoReturn {
  /** It is passed when this phase starts. */
  readonly phase: number
  /** What can't be undone, for people. */
  readonly what: string
  /** Who signs for passing it. */
  readonly role: Role
}

/** Everything about a release that is frozen when its rollout starts. Durations in ms. */
export interface RolloutSpec {
  /** Set where Slipway only looks on while somebody else drives the release; absent where it drives. */
  readonly mode?: 'observe'
  readonly version: string
  readonly image: string
  readonly phases: readonly Phase[]
  readonly metrics: readonly Metric[]
  /**
   * Counts requests of a track in the window, for `minRequests` and for verifying where traffic goes; `$track`, `$window`. Without it
   * requests can't be counted.
   */
  readonly requestsQuery?: string
  /** What a track still works at; `$track`, `$window`. Its pods are scaled down when that is at most so much. */
  readonly drained?: { readonly query: string; readonly atMost: number }
  /** Requests must follow a changed weight within this. Absent in rollouts that began before it was looked at. */
  readonly convergesWithin?: number
  /** Stands in for that where requests can't be counted. */
  readonly convergencePause?: number
  /** Time between two readings. */
  readonly interval: number
  /** A sample older than this is stale. */
  readonly staleAfter: number
  /** How many looks in a row a query may fail before the rollout counts as blind. Rollouts of earlier versions: 3. */
  readonly queryErrors?: number
  /** The canary's size is stable's times weight times this. */
  readonly headroom: number
  /** How long a canary may take to become ready. */
  readonly readyWithin: number
  readonly signOffExpires: number
  /** The next phase may be asked for this long before a soak is full; without it when the soak has passed. */
  readonly signOffOpens?: number
  /** The role that may accept a soak whose targets did not hold. */
  readonly decides: Role
  /** Where this version has one. */
  readonly pointOfNoReturn?: PointOfNoReturn
  /** How long a released rollout is watched and can be rolled back. */
  readonly rollbackWindow: number
  /** A wait for a person, or blindness, pages after this. */
  readonly pageAfter: number
  /** A wait for a person rolls back after this. */
  readonly maxHold: number
  /** Stable must be within limits for this long before an incident is resolved. */
  readonly resolveAfter: number
}

/** The metrics as they are judged in a phase. A number that no phase has (after the last one) asks for nothing different. */
export function metricsOf(spec: Pick<RolloutSpec, 'metrics' | 'phases'>, phase: number): readonly Metric[] {
  const different = spec.phases.find((p) => p.number === phase)?.metrics ?? {}
  return spec.metrics.map((metric) => {
    const own = different[metric.name]
    return own === undefined ? metric : { ...metric, ...own }
  })
}

/** Shows which exact plan a sign-off is for. Two plans are the same when their texts are. */
export interface Plan {
  readonly service: string
  readonly rollout: number
  readonly image: string
  readonly phase: Phase
  readonly fromWeight: number
  readonly stable: Track
  readonly canary: Track
  readonly replicas: number
  /** What the canary's pods say they run, sorted; where the image has no digest and pods have reported. */
  readonly imageIds?: readonly string[]
}

/** Pods for the canary at a weight: stable's size by share with headroom, at least one, never more than stable's own. */
export function canarySize(phase: Phase, stableSize: number, headroom: number): number {
  if (phase.fullSize || phase.weight >= 100) return Math.max(1, stableSize)
  return Math.min(Math.max(1, stableSize), Math.max(1, Math.ceil((stableSize * phase.weight * headroom) / 100)))
}
