import type { CommandOf } from './commands.ts'
import { slipway } from './decide-rollback.ts'
import { type Decision, nothing } from './decision.ts'
import type { EventBody } from './events.ts'
import { isOver, type State } from './state.ts'

/** What the passing of time alone leads to: at most one thing a tick, the gravest first. */
export function decideTick(state: State, command: CommandOf<'tick'>): Decision {
  const event = dueEvent(state, command.at)
  return event === null ? nothing : { events: [event] }
}

function dueEvent(state: State, at: number): EventBody | null {
  if (isOver(state)) return recoveryOverdue(state, at) ? { type: 'recovery-not-seen' } : null
  if (state.rollback !== undefined) return null
  const { decision, blind, request, spec } = state
  if (decision !== undefined && at >= decision.rollBackAt) {
    const reason = 'nobody decided in time'
    return { type: 'rollback-ordered', cause: 'hold-expired', forced: true, reason, by: slipway }
  }
  if (decision !== undefined && !decision.overdue && at >= decision.pageAt)
    return { type: 'decision-overdue', phase: state.phase }
  if (blind !== undefined && !blind.paged && at >= blind.since + spec.pageAfter)
    return { type: 'blind-too-long', since: blind.since }
  if (request !== undefined && at >= request.expiresAt) return { type: 'sign-off-expired', request: request.id }
  return null
}

function recoveryOverdue(state: State, at: number): boolean {
  const restoredAt = state.rollback?.restoredAt
  return state.recovery === 'watched' && restoredAt !== undefined && at >= restoredAt + state.spec.maxHold
}
