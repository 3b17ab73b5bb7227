import type { CommandOf } from './commands.ts'
import { decidedBefore } from './decide-skip.ts'
import type { Decision } from './decision.ts'
import type { EventBody } from './events.ts'
import { schemaVersion } from './events.ts'
import { evolve } from './evolve.ts'
import { refuse } from './refusal.ts'
import { gateClosedBy, isPlan, missingRoles, planText } from './sign-off.ts'
import { holdsService, isObserved, isOver, nextPhase, phaseOf, type State } from './state.ts'

/** Asks for the next phase. */
export function decideAdvance(state: State, command: CommandOf<'advance'>): Decision {
  if (command.version !== undefined && command.version !== state.spec.version)
    return refuse('version-mismatch', { asked: command.version, running: state.spec.version })
  if (isOver(state) && holdsService(state))
    return refuse('clean-up-pending', { version: state.spec.version, stage: state.stage })
  if (isOver(state)) return refuse('rollout-over', { stage: state.stage })
  const { rollback, lost, weight } = state
  if (rollback !== undefined) return refuse('already-rolling-back', { by: rollback.by.name, at: rollback.orderedAt })
  if (lost !== undefined) return refuse('record-lost', { weight })
  if (state.request !== undefined) {
    const { phase, by } = state.request
    return refuse('already-asked', { phase, by: by.name, missing: missingRoles(state, state.request) })
  }
  if (state.paused !== undefined) return refuse('is-paused', { by: state.paused.by.name, at: state.paused.at })
  const phase = nextPhase(state)
  if (state.stage !== 'soaked' || phase === undefined)
    return refuse('not-possible-now', { what: 'ask for the next phase', stage: state.stage, instead: insteadOf(state) })
  return { events: [requestEvent(state, phase.number, command)] }
}

function insteadOf(state: State): string {
  if (state.stage === 'waiting')
    return 'It waits for a decision: soak on, accept (with a reason) or roll back. The buttons are in the thread.'
  if (state.stage === 'soaking')
    return 'Wait until the soak has passed, or ask for the rest to be skipped with `/deploy skip-soak <reason>`.'
  if (state.stage === 'released')
    return 'All traffic is on the new version. It completes by itself when the rollback window closes.'
  if (state.failure !== undefined) return 'A step failed: press Retry in the thread, or roll back.'
  return 'Wait until the soak has passed; the thread offers the next phase then.'
}

/** The event that opens a request for sign-offs of exactly the present plan. */
export function requestEvent(
  state: State,
  phaseNumber: number,
  command: Pick<CommandOf<'advance'>, 'at' | 'by'>,
): EventBody {
  const phase = phaseOf(state, phaseNumber)
  if (phase === undefined) throw new Error(`no phase ${phaseNumber}`)
  return {
    type: 'sign-off-requested',
    phase: phaseNumber,
    plan: planText(state, phase),
    expiresAt: command.at + state.spec.signOffExpires,
    by: command.by,
  }
}

/** One person's approval in a role; the last one needed starts the phase. */
export function decideApprove(state: State, command: CommandOf<'approve'>): Decision {
  const open = openRequest(state, command)
  if ('refusal' in open) return open
  const { request, phase } = open
  if (!isPlan(request.plan, state, phase)) return refuse('plan-changed', { phase: phase.number })
  const eligible = phase.roles.filter((role) => command.roles.includes(role))
  if (eligible.length === 0) return refuse('role-not-held', { roles: phase.roles, holders: command.holders })
  if (!phase.requesterMaySign && command.by.id === request.by.id)
    return refuse('requester-may-not-sign', { phase: phase.number })
  const own = request.signOffs.find((s) => s.by.id === command.by.id)
  if (own !== undefined) return refuse('already-signed', { role: own.role, at: own.at })
  const missing = missingRoles(state, request)
  const role = eligible.find((r) => missing.includes(r))
  if (role === undefined) {
    const taken = request.signOffs.find((s) => eligible.includes(s.role))
    if (taken === undefined) throw new Error('a role is neither missing nor signed')
    return refuse('slot-taken', { role: taken.role, by: taken.by.name, at: taken.at })
  }
  const signed: EventBody = { type: 'signed-off', request: request.id, role, by: command.by }
  return { events: [signed, ...startIfSigned(after(state, signed, command), command.at)] }
}

/** Turns the plan down. */
export function decideReject(state: State, command: CommandOf<'reject'>): Decision {
  const open = openRequest(state, command)
  if ('refusal' in open) return open
  const role = open.phase.roles.find((r) => command.roles.includes(r))
  if (role === undefined) return refuse('role-not-held', { roles: open.phase.roles, holders: command.holders })
  return { events: [{ type: 'sign-off-rejected', request: open.request.id, role, by: command.by }] }
}

/** The phase's start, when every required role has signed and nothing closes the gate. */
export function startIfSigned(state: State, at: number): EventBody[] {
  // Whoever drives an observed release starts its phases.
  if (isObserved(state)) return []
  const { request } = state
  if (request === undefined || missingRoles(state, request).length > 0) return []
  if (gateClosedBy(state) !== null || at >= request.expiresAt) return []
  const phase = phaseOf(state, request.phase)
  if (phase === undefined || !isPlan(request.plan, state, phase)) return []
  return [{ type: 'phase-started', phase: request.phase, request: request.id }]
}

/** The state as it will be after an event that is about to be appended. */
export function after(state: State, body: EventBody, command: { readonly id: string; readonly at: number }): State {
  const { service, rollout } = state
  return evolve(state, {
    ...body,
    v: schemaVersion,
    service,
    rollout,
    version: state.version + 1,
    at: command.at,
    command: command.id,
  })
}

function openRequest(state: State, command: CommandOf<'approve'> | CommandOf<'reject'>) {
  const { request } = state
  if (request === undefined || request.id !== command.request) {
    return decidedBefore(state, command.request)
  }
  // While Slack counts as away the clock stands; a click that arrives all the same is in time.
  if (state.silence === undefined && command.at >= request.expiresAt)
    return refuse('request-expired', { phase: request.phase, at: request.expiresAt })
  const phase = phaseOf(state, request.phase)
  if (phase === undefined) throw new Error(`no phase ${request.phase}`)
  return { request, phase }
}
