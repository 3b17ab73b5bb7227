import type { CommandOf } from './commands.ts'
import { voidedEvent } from './decide-plan.ts'
import { slipway } from './decide-rollback.ts'
import { after, startIfSigned } from './decide-sign-off.ts'
import type { Decision } from './decision.ts'
import type { EventBody } from './events.ts'
import { isOver, type State } from './state.ts'

/** Slack counts as lost after this time (ms): a reconnect or a failed call is none. */
const lostAfter = 30_000
/** Slack away for this long pages, in ms (design.md, Slack). */
const silencePagesAfter = 5 * 60_000

/** What the passing of time alone leads to: at most one thing a tick, the gravest first. */
export function decideTick(state: State, command: CommandOf<'tick'>): Decision {
  const silence = silenceEvent(state, command)
  if (silence?.type === 'slack-back')
    return { events: [silence, ...startIfSigned(after(state, silence, command), command)] }
  if (silence !== null) return { events: [silence] }
  const event = dueEvent(state, command)
  if (event !== null) return { events: [event] }
  return { events: startIfSigned(state, command) }
}

/** Slack lost, away for long, and back. */
export function silenceEvent(state: State, { at, unreachableSince }: CommandOf<'tick'>): EventBody | null {
  const { silence } = state
  if (silence === undefined) {
    if (isOver(state) || unreachableSince === null || at < unreachableSince + lostAfter) return null
    return { type: 'slack-lost', since: unreachableSince }
  }
  if (unreachableSince === null) return { type: 'slack-back', since: silence.since }
  // Slipway itself may have been away: it gets the time to connect before it calls anybody.
  const pagesAt = Math.max(silence.since + silencePagesAfter, silence.toldAt + lostAfter)
  // What is over waits for nobody.
  if (silence.paged || isOver(state) || at < pagesAt) return null
  return { type: 'slack-away-too-long', since: silence.since }
}

function dueEvent(state: State, { at, unreachableSince }: CommandOf<'tick'>): EventBody | null {
  if (isOver(state) || state.rollback !== undefined) return null
  const { blind, spec } = state
  // Nobody's click could arrive: the deadlines of people wait. Those of the machine don't.
  if (unreachableSince === null) {
    const event = overdueEvent(state, at)
    if (event !== null) return event
  }
  if (blind !== undefined && !blind.paged && at >= blind.since + spec.pageAfter)
    return { type: 'blind-too-long', since: blind.since }
  return voidedEvent(state)
}

/** What a person did not do in time. */
export function overdueEvent({ decision, request, skip, phase, warned }: State, at: number): EventBody | null {
  if (decision !== undefined && at >= decision.rollBackAt) {
    const reason = 'nobody decided in time'
    return { type: 'rollback-ordered', cause: 'hold-expired', forced: true, reason, by: slipway }
  }
  if (decision !== undefined && !decision.overdue && at >= decision.pageAt) return { type: 'decision-overdue', phase }
  if (warned !== undefined && at >= warned.expiresAt) {
    const reason = 'nobody accepted the warnings of the readiness report in time'
    return { type: 'rollback-ordered', cause: 'abort', forced: false, reason, by: slipway }
  }
  if (request !== undefined && request.expiresAt !== null && at >= request.expiresAt)
    return { type: 'sign-off-expired', request: request.id }
  if (skip !== undefined && at >= skip.expiresAt) return { type: 'skip-expired', request: skip.id }
  return null
}
