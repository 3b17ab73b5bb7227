import { z } from 'zod'
import { rolloutSpec } from './spec.ts'

/** Version of the events' schema that this code writes. Readers upcast older ones (`src/ledger/upcast.ts`). */
export const schemaVersion = 3

/** How an actor is read back. */
export const actor = z.object({
  /** Slack user id, `cli:user@host`, or `slipway`. */
  id: z.string(),
  /** The name at the time, for people. */
  name: z.string(),
  via: z.enum(['slack', 'cli', 'slipway', 'break-glass']),
})
/** Who did something. */
export type Actor = z.infer<typeof actor>

/** How a lock is read back (`src/rollout/hold.ts`). */
export const lock = z.object({ id: z.string(), by: actor, at: z.number(), reason: z.string() })

const track = z.enum(['blue', 'green'])
const step = z.object({ name: z.string(), ms: z.number() })

/** `value` is null where a missing number counts as broken. */
const reading = z.object({ at: z.number(), value: z.number().nullable() })

const figure = z.object({
  metric: z.string(),
  value: z.number().nullable(),
  /** Stable's value at the same moment, where the two are compared. */
  stable: z.number().exactOptional(),
  good: z.boolean().nullable(),
})
/** One metric's value at the end of a soak; `good` is null where it has no target or no number. */
export type Figure = z.infer<typeof figure>

/** What a comparison with stable found: medians, how many readings of each, and the test's two results. */
const comparison = z.object({
  canary: z.number(),
  stable: z.number(),
  readings: z.number(),
  p: z.number(),
  effect: z.number(),
})

const evidence = z.object({
  metric: z.string(),
  value: z.number().nullable(),
  query: z.string(),
  readings: z.array(reading),
  comparison: comparison.exactOptional(),
  /** The alert that was taken for a breach; `metric` holds its title then. `fingerprint` is Alertmanager's id of it. */
  alert: z.object({ summary: z.string(), startsAt: z.number(), fingerprint: z.string() }).exactOptional(),
  /** The pod that fails; `metric` says so in words then. `log`: its last lines, where it ran at all. */
  pod: z
    .object({ name: z.string(), reason: z.string(), message: z.string(), log: z.array(z.string()) })
    .exactOptional(),
  /** Stable broke the same limit at the same time: probably not the release. */
  stableToo: z.boolean(),
})
/** Why a limit counts as broken. */
export type Evidence = z.infer<typeof evidence>

/** Why traffic could not be taken back, and what to do; as in the table of errors. */
const undone = z.object({ what: z.string(), todo: z.string() })
export type Undone = z.infer<typeof undone>

const planChange = z.object({ field: z.string(), before: z.string(), after: z.string() })
/** One field of a plan that is no longer what was signed, as text. */
export type PlanChange = z.infer<typeof planChange>

const checkResult = z.enum(['pass', 'warn', 'block'])
const checkChange = z.object({
  /** Its name in the configuration, and what is true when it passes. */
  check: z.string(),
  title: z.string(),
  /** Null where it was not made before. */
  was: checkResult.nullable(),
  now: checkResult,
  found: z.string(),
  mend: z.string().exactOptional(),
})
/** A check of readiness that comes to something else than before. */
export type CheckChange = z.infer<typeof checkChange>

/** A fence as it stood on the cluster: of an order that the ledger does not know. */
const foundFence = z.object({ rollout: z.number(), version: z.number(), hash: z.string().exactOptional() })

const parts = z.object({
  stable: track,
  canary: track,
  stableSize: z.number(),
  stableImage: z.string(),
  canaryImage: z.string(),
})

const objection = z.discriminatedUnion('why', [
  /** It would have been rolled back before, and never have gone forward again. */
  z.object({ why: z.literal('rolled-back'), at: z.number() }),
  z.object({ why: z.literal('sign-offs'), roles: z.array(z.string()) }),
  z.object({ why: z.literal('phases-left-out'), phases: z.array(z.number()) }),
  z.object({ why: z.literal('soak'), phase: z.number(), observed: z.number(), wanted: z.number() }),
  z.object({ why: z.literal('targets'), phase: z.number() }),
  z.object({ why: z.literal('blind') }),
  z.object({ why: z.literal('image'), found: z.string(), expected: z.string() }),
])
/** Why Slipway itself would not have taken a step that somebody else took. Times and durations in ms. */
export type Objection = z.infer<typeof objection>

const bodies = [
  z.object({
    type: z.literal('rollout-started'),
    spec: rolloutSpec,
    by: actor,
    report: z.string(),
    /** One request is to cover every phase. */
    all: z.literal(true).exactOptional(),
    /** What the report warned of: nothing is done before the role that decides has accepted it. */
    warnings: z.object({ of: z.array(z.string()), expiresAt: z.number() }).exactOptional(),
  }),
  /** Nothing starts or moves forward, until it is unlocked. */
  z.object({ type: z.literal('locked'), by: actor, reason: z.string() }),
  z.object({ type: z.literal('unlocked'), by: actor, was: lock }),
  /** This rollout goes on although it is frozen until then, or locked, or (`unsigned`: by what) was stopped for want of sign-offs. */
  z.object({
    type: z.literal('hold-overridden'),
    by: actor,
    role: z.string(),
    reason: z.string(),
    freeze: z.object({ title: z.string(), until: z.number(), zone: z.string() }).exactOptional(),
    lock: lock.exactOptional(),
    unsigned: z.string().exactOptional(),
  }),
  /** `since`: version of the event with which `from` came to be in charge. */
  z.object({ type: z.literal('handed-over'), by: actor, from: actor, to: actor, since: z.number() }),
  z.object({ type: z.literal('warnings-accepted'), by: actor, role: z.string(), reason: z.string() }),
  /** The ledger knows nothing of a rollout whose mark and traffic are on the cluster: Redis came back empty or older. */
  z.object({
    type: z.literal('rollout-found'),
    spec: rolloutSpec,
    by: actor,
    stable: track,
    canary: track,
    stableSize: z.number(),
    stableImage: z.string(),
    canaryImage: z.string(),
    weight: z.number(),
    fence: foundFence,
  }),
  /** The cluster carries the fence of an order that this ledger does not know: a part of it is missing. */
  z.object({
    type: z.literal('record-lost'),
    weight: z.number(),
    fence: foundFence,
    /** As the mark tells them, where the ledger had lost them too. */
    parts: parts.exactOptional(),
  }),
  /** The cluster carries the mark of a newer rollout: this one ended, and the record of that is missing. */
  z.object({ type: z.literal('superseded'), by: actor, fence: foundFence }),
  z.object({
    type: z.literal('prepared'),
    stable: track,
    canary: track,
    stableSize: z.number(),
    stableImage: z.string(),
    canaryImage: z.string(),
    /** Pods that the canary's Deployment had before. */
    canarySize: z.number().exactOptional(),
    /** The HorizontalPodAutoscalers whose minimum is pinned from here to the end. */
    autoscalers: z.array(z.object({ name: z.string(), track })).exactOptional(),
  }),
  z.object({
    type: z.literal('sign-off-requested'),
    phase: z.number(),
    /** The exact plan in canonical form: what is signed. */
    plan: z.string(),
    /** SHA-256 of the plan's text, in hex. */
    planHash: z.string().exactOptional(),
    /** The phases that the plan covers, where it is more than one; `phase` is the first. */
    phases: z.array(z.number()).exactOptional(),
    expiresAt: z.number(),
    by: actor,
  }),
  /** Readiness was checked again when a phase was asked for; `changes` since the report that it was started on. */
  z.object({
    type: z.literal('readiness-rechecked'),
    phase: z.number(),
    request: z.number(),
    judgement: z.enum(['ready', 'ready-with-warnings', 'not-ready']),
    changes: z.array(checkChange),
  }),
  /** `planHash`: of the plan that was signed. */
  z.object({
    type: z.literal('signed-off'),
    request: z.number(),
    role: z.string(),
    planHash: z.string().exactOptional(),
    by: actor,
  }),
  /** Without a role nothing of this person was signed: what they said before and is still under way does not count, either. */
  z.object({
    type: z.literal('sign-off-withdrawn'),
    request: z.number(),
    role: z.string().exactOptional(),
    by: actor,
  }),
  z.object({
    type: z.literal('sign-off-rejected'),
    request: z.number(),
    role: z.string(),
    reason: z.string().exactOptional(),
    by: actor,
  }),
  z.object({ type: z.literal('sign-off-cancelled'), request: z.number(), by: actor }),
  z.object({ type: z.literal('sign-off-expired'), request: z.number() }),
  /** What was signed is no longer what would be done. */
  z.object({ type: z.literal('sign-off-voided'), request: z.number(), changes: z.array(planChange) }),
  /** Those who are missing are reminded; `people` are their user ids. */
  z.object({
    type: z.literal('sign-off-nudged'),
    request: z.number(),
    roles: z.array(z.string()),
    people: z.array(z.string()),
    by: actor,
  }),
  /** The next phase may be asked for, although the soak has `remaining` ms to go. */
  z.object({ type: z.literal('sign-off-opened'), phase: z.number(), remaining: z.number() }),
  /** From now on people can look at what the phase's checkpoints ask. */
  z.object({ type: z.literal('checkpoints-asked'), phase: z.number() }),
  z.object({
    type: z.literal('checkpoint-ticked'),
    phase: z.number(),
    /** 1-based place in the phase's list. */
    checkpoint: z.number(),
    role: z.string(),
    by: actor,
  }),
  /** The canary's pods run something that they did not run before; `before` is missing the first time. */
  z.object({
    type: z.literal('image-ids-seen'),
    before: z.array(z.string()).exactOptional(),
    ids: z.array(z.string()),
  }),
  z.object({ type: z.literal('phase-started'), phase: z.number(), request: z.number() }),
  z.object({ type: z.literal('canary-ready'), phase: z.number(), replicas: z.number(), ms: z.number() }),
  /** `unsigned`: what was found while the weight was written, and would have stopped it for want of sign-offs. */
  z.object({
    type: z.literal('traffic-shifted'),
    phase: z.number(),
    from: z.number(),
    weight: z.number(),
    steps: z.array(step),
    unsigned: z.string().exactOptional(),
  }),
  z.object({
    type: z.literal('step-failed'),
    step: z.enum(['prepare', 'shift']),
    code: z.string(),
    what: z.string(),
    todo: z.string(),
    /** The last lines of a pod that failed. */
    log: z.array(z.string()).exactOptional(),
  }),
  z.object({ type: z.literal('step-retried'), by: actor }),
  z.object({ type: z.literal('soak-passed'), phase: z.number(), observed: z.number(), figures: z.array(figure) }),
  z.object({
    type: z.literal('decision-awaited'),
    phase: z.number(),
    observed: z.number(),
    figures: z.array(figure),
    pageAt: z.number(),
    rollBackAt: z.number(),
  }),
  z.object({
    type: z.literal('skip-asked'),
    phase: z.number(),
    reason: z.string(),
    expiresAt: z.number(),
    by: actor,
  }),
  z.object({
    type: z.literal('soak-skipped'),
    phase: z.number(),
    request: z.number(),
    role: z.string(),
    reason: z.string(),
    by: actor,
  }),
  z.object({ type: z.literal('skip-rejected'), request: z.number(), role: z.string(), by: actor }),
  z.object({ type: z.literal('skip-expired'), request: z.number() }),
  z.object({ type: z.literal('decision-overdue'), phase: z.number() }),
  z.object({ type: z.literal('soak-extended'), phase: z.number(), ms: z.number(), by: actor }),
  z.object({ type: z.literal('targets-accepted'), phase: z.number(), by: actor, role: z.string(), reason: z.string() }),
  z.object({ type: z.literal('paused'), by: actor, reason: z.string() }),
  z.object({ type: z.literal('resumed'), by: actor }),
  z.object({ type: z.literal('went-blind'), metrics: z.array(z.object({ metric: z.string(), reason: z.string() })) }),
  z.object({ type: z.literal('blind-too-long'), since: z.number() }),
  z.object({ type: z.literal('sight-regained'), since: z.number() }),
  z.object({
    type: z.literal('drift-found'),
    what: z.string(),
    manager: z.string(),
    /** A track that somebody made larger than it was: taking over keeps it, for pods leave only after their work has. */
    larger: z.object({ track, replicas: z.number() }).exactOptional(),
    /** What the canary gets, in percent, where it is its weight that differs; an older Slipway wrote none. */
    weight: z.number().exactOptional(),
  }),
  z.object({ type: z.literal('drift-gone') }),
  /** Slipway writes its own again over somebody else's change. */
  z.object({ type: z.literal('taken-over'), what: z.string(), by: actor }),
  z.object({ type: z.literal('take-over-failed'), what: z.string(), todo: z.string() }),
  z.object({ type: z.literal('slack-lost'), since: z.number() }),
  z.object({ type: z.literal('slack-away-too-long'), since: z.number() }),
  z.object({ type: z.literal('slack-back'), since: z.number() }),
  z.object({
    type: z.literal('breach-confirmed'),
    number: z.number(),
    evidence,
    /** Found without the ledger, when traffic could not be taken back either, beside a rollback that was on record already. */
    undone: undone.exactOptional(),
  }),
  z.object({
    type: z.literal('rollback-ordered'),
    cause: z.enum(['breach', 'person', 'abort', 'hold-expired', 'break-glass']),
    forced: z.boolean(),
    reason: z.string(),
    by: actor,
    /** A breach that was answered without the ledger, by a process that has not recorded it: its incident belongs here. */
    withoutEvidence: z.literal(true).exactOptional(),
  }),
  z.object({
    type: z.literal('rollback-attempt-failed'),
    /** From 1, which opens an incident; 0 where there is no traffic to take back: nobody is called for that. */
    attempt: z.number(),
    code: z.string(),
    what: z.string(),
    todo: z.string(),
    /** Key of the breach's incident, where that was paged and the traffic was back before this came on record: it opens none of its own. */
    incident: z.string().exactOptional(),
  }),
  z.object({
    type: z.literal('weights-restored'),
    /** The canary's weight before. */
    from: z.number(),
    steps: z.array(step),
    /** When stable had everything, read back (the order may reach the ledger later than the write). */
    restoredAt: z.number(),
  }),
  z.object({ type: z.literal('traffic-verified'), track, pause: z.number().exactOptional() }),
  /** Requests follow the weight; or, with `instead`, they could not be counted and the configured pause stood in. */
  z.object({
    type: z.literal('traffic-converged'),
    phase: z.number(),
    weight: z.number(),
    share: z.number().nullable(),
    ms: z.number(),
    instead: z.string().exactOptional(),
  }),
  /** Requests did not follow the weight in time. */
  z.object({
    type: z.literal('traffic-not-converged'),
    track,
    weight: z.number(),
    share: z.number().nullable(),
    ms: z.number(),
  }),
  /** `failed`: it was tried, and `why` says what was in its way; otherwise the pods may still be at work. */
  z.object({ type: z.literal('clean-up-held'), track, why: z.string(), failed: z.literal(true).exactOptional() }),
  z.object({ type: z.literal('clean-up-ordered'), by: actor }),
  /** One that failed is tried again; that the track is idle must be seen anew. */
  z.object({ type: z.literal('clean-up-retried'), by: actor }),
  /** `autoscalers`: those that have their own minimum back. */
  z.object({ type: z.literal('cleaned-up'), track, autoscalers: z.array(z.string()).exactOptional() }),
  /** A completed rollout has left these fields of objects that a tool manages from Git. */
  z.object({
    type: z.literal('git-behind'),
    tool: z.string(),
    changes: z.array(z.object({ object: z.string(), path: z.string(), value: z.string() })),
  }),
  z.object({ type: z.literal('stable-recovered'), since: z.number() }),
  z.object({ type: z.literal('recovery-not-seen') }),
  z.object({ type: z.literal('window-opened'), ms: z.number() }),
  z.object({ type: z.literal('completed'), figures: z.array(figure) }),
  z.object({ type: z.literal('page-sent'), key: z.string(), link: z.string() }),
  z.object({ type: z.literal('page-resolved'), key: z.string() }),
  // Below: of a rollout that is only observed. None of them orders anything.
  /** Which track has the traffic, and which would be the canary, as they stood when it began. */
  z.object({ type: z.literal('tracks-seen'), ...parts.shape }),
  /** Somebody else changed the weights. */
  z.object({
    type: z.literal('weight-seen'),
    from: z.number(),
    weight: z.number(),
    /** The phase that may have this weight; 0 without traffic on the canary. */
    phase: z.number(),
    /** The field manager that wrote it. */
    manager: z.string(),
    objections: z.array(objection),
  }),
  /** The phase has been observed for as long as its soak is. */
  z.object({ type: z.literal('soak-seen'), phase: z.number(), observed: z.number(), figures: z.array(figure) }),
  /** A limit is confirmed broken: Slipway would have rolled back. */
  z.object({ type: z.literal('breach-seen'), number: z.number(), evidence }),
  z.object({ type: z.literal('breach-over'), metric: z.string(), since: z.number() }),
  /** No numbers for so long that Slipway would have paged. */
  z.object({ type: z.literal('page-withheld'), since: z.number() }),
  z.object({ type: z.literal('observation-ended'), how: z.enum(['released', 'taken-back', 'stopped']), by: actor }),
] as const

const head = {
  v: z.literal(schemaVersion),
  service: z.string(),
  rollout: z.number(),
  /** 1-based place in the rollout's ledger. */
  version: z.number(),
  at: z.number(),
  /** Id of the command that led here, so that a repeated command is known. */
  command: z.string(),
  /** How the event hangs on the one before (`src/ledger/chain.ts`); older ledgers have no chain. */
  prev: z.string().exactOptional(),
  hash: z.string().exactOptional(),
}

const body = z.discriminatedUnion('type', bodies)
const event = z.intersection(z.object(head), body)

/** What happened, without its place in the ledger. */
export type EventBody = z.infer<typeof body>
export type EventType = EventBody['type']
/** What happened, as the ledger holds it. */
export type Event = z.infer<typeof event>
export type EventOf<T extends EventType> = Extract<EventBody, { type: T }> & z.infer<z.ZodObject<typeof head>>

/** Reads an event of the present schema version; throws ZodError. */
export function parseEvent(value: unknown): Event {
  return event.parse(value)
}
