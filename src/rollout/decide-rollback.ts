import type { CommandOf } from './commands.ts'
import { type Decision, nothing } from './decision.ts'
import type { Actor, EventBody, Evidence, Undone } from './events.ts'
import { breachKey, failedKey } from './pages.ts'
import { refuse } from './refusal.ts'
import { endsWithoutTraffic, isOver, isWatched, type State } from './state.ts'

/** Slipway itself, as the one who did something. */
export const slipway: Actor = { id: 'slipway', name: 'Slipway', via: 'slipway' }

/** A person's rollback: legal in every stage before `complete`, whatever else goes on. */
export function decideRollBack(state: State, command: CommandOf<'roll-back'>): Decision {
  if (isOver(state)) return refuse('rollout-over', { stage: state.stage })
  const order: EventBody = {
    type: 'rollback-ordered',
    cause: 'person',
    forced: command.forced,
    reason: command.reason,
    by: command.by,
  }
  if (state.rollback === undefined) return { events: [order] }
  // Any but a person's forced order holds when stable has no ready pod: a forced one must overtake it.
  const { cause, forced } = state.rollback
  if (command.forced && !(cause === 'person' && forced)) return { events: [order] }
  return refuse('already-rolling-back', { by: state.rollback.by.name, at: state.rollback.orderedAt })
}

/** Ends a rollout that never had traffic: the same way back, told as what it is. */
export function decideAbort(state: State, command: CommandOf<'abort'>): Decision {
  if (isOver(state)) return refuse('rollout-over', { stage: state.stage })
  const { rollback, weight } = state
  if (rollback !== undefined) return refuse('already-rolling-back', { by: rollback.by.name, at: rollback.orderedAt })
  const shifts = state.stage === 'shifting' && state.canaryReadyPhase === state.phase
  if (weight > 0 || shifts) return refuse('traffic-already', { weight })
  const { reason, by } = command
  return { events: [{ type: 'rollback-ordered', cause: 'abort', forced: false, reason, by }] }
}

/** A confirmed breach rolls back by itself. */
export function decideBreach(state: State, command: CommandOf<'record-breach'>): Decision {
  const { evidence, alone } = command
  if (isOver(state) || state.rollback !== undefined)
    // Several processes may have found the same one.
    return alone?.key === breachKey(state) ? { events: untold(state, evidence, alone) } : nothing
  // What is watched has traffic: by the ledger, by a shift under way, or because somebody else gave it some.
  if (!isWatched(state) && state.stage !== 'shifting' && state.drift === undefined) return nothing
  return { events: [...breachEvents(state, evidence), ...pageSent(state, alone?.link)] }
}

function breachEvents(state: State, evidence: Evidence): EventBody[] {
  return [
    breachEvent(state, evidence),
    {
      type: 'rollback-ordered',
      cause: 'breach',
      forced: true,
      reason: breachReason(evidence),
      by: slipway,
    },
  ]
}

/** Why a breach takes the traffic back, in a few words. */
export function breachReason({ metric, comparison, alert, pod }: Evidence): string {
  if (alert !== undefined) return `alert ${metric} is firing`
  if (pod !== undefined) return `${pod.name} fails (${pod.reason})`
  return comparison === undefined ? `${metric} over its limit` : `${metric}: worse than stable`
}

function breachEvent(state: State, evidence: Evidence, undone?: Undone): EventBody {
  return { type: 'breach-confirmed', number: state.breaches.length + 1, evidence, ...(undone && { undone }) }
}

/** The incident of the next breach, where it was opened without the ledger, and is not on record yet. */
function pageSent(state: State, link: string | undefined): EventBody[] {
  const key = breachKey(state)
  const isKnown = state.pages.some((page) => page.key === key && page.link !== null)
  return link === undefined || isKnown ? [] : [{ type: 'page-sent', key, link }]
}

/**
 * A breach that was found without the ledger, beside a rollback that is on record: another process has told of the closed mark
 * first, or a person was as quick. The breach, and its page, belong to the record all the same.
 */
function untold(
  state: State,
  evidence: Evidence,
  { undone, link }: { readonly undone?: Undone; readonly link?: string | undefined },
): EventBody[] {
  if (isSuperseded(state)) return []
  return [breachEvent(state, evidence, undone), ...pageSent(state, link)]
}

/** Over, and by no rollback of its own: complete, or another rollout has taken the cluster over, and that one is looked after. */
function isSuperseded(state: State): boolean {
  return isOver(state) && state.rollback?.restoredAt === undefined
}

/** All traffic is on stable, read back. */
export function decideRestored(state: State, command: CommandOf<'record-restored'>): Decision {
  if (isOver(state) || state.rollback === undefined) return nothing
  const { from, steps, restoredAt } = command
  return { events: [{ type: 'weights-restored', from, steps: [...steps], restoredAt }] }
}

/** What was done without the ledger becomes part of it. */
export function decideBreakGlass(state: State, command: CommandOf<'record-break-glass'>): Decision {
  const { cause, forced, reason, from, steps, restoredAt, evidence, by, link } = command
  const restored: EventBody = { type: 'weights-restored', from, steps: [...steps], restoredAt }
  if (isSuperseded(state)) return nothing
  const breach = cause === 'breach' ? evidence : undefined
  if (state.rollback !== undefined) {
    const isFirst = state.breaches.length === 0
    const found = breach === undefined || !isFirst ? [] : untold(state, breach, { link })
    return { events: isOver(state) ? found : [...found, restored] }
  }
  if (breach !== undefined) return { events: [...breachEvents(state, breach), ...pageSent(state, link), restored] }
  // Whoever found the breach may still record it, or be gone: its incident has the same key.
  const alone = cause === 'breach' && ({ withoutEvidence: true } as const)
  return { events: [{ type: 'rollback-ordered', cause, forced, reason, by, ...alone }, restored] }
}

/** Told once for each kind of failure; the job goes on trying. */
export function decideRollbackFailure(state: State, command: CommandOf<'record-rollback-failure'>): Decision {
  const { rollback } = state
  if (rollback === undefined) return nothing
  const { code, what, todo, incident, link } = command
  const key = failedKey(state)
  const page = state.pages.find((one) => one.key === key)
  const sent: EventBody[] = link === undefined ? [] : [{ type: 'page-sent', key, link }]
  const unsent = page?.link === null ? sent : []
  if (isOver(state) || rollback.failing === code) return { events: unsent }
  const attempt = endsWithoutTraffic(state) ? 0 : rollback.failedAttempts + 1
  const failed: EventBody = {
    type: 'rollback-attempt-failed',
    attempt,
    code,
    what,
    todo,
    ...(incident && { incident }),
  }
  return { events: [failed, ...(attempt === 1 ? sent : unsent)] }
}
