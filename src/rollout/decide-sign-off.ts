import type { CommandHead, CommandOf } from './commands.ts'
import { decidedBefore } from './decided-before.ts'
import type { Decision } from './decision.ts'
import type { EventBody } from './events.ts'
import { schemaVersion } from './events.ts'
import { evolve } from './evolve.ts'
import { heldRefusal, holdsOn, isHeld } from './hold.ts'
import type { Role } from './plan.ts'
import { planChanges, planHash, planText } from './plan-text.ts'
import { offersOf } from './quorum.ts'
import { refuse } from './refusal.ts'
import { serviceHeld } from './service-held.ts'
import {
  closedToRequester,
  gateClosedBy,
  isSamePlan,
  missingRoles,
  openCheckpoints,
  possibleSigners,
  requiredRoles,
  signOffExpires,
} from './sign-off.ts'
import { holdsService, isObserved, isOver, nextPhase, type Request, type State } from './state.ts'
import { howToLetGoOn } from './unsigned.ts'

/** Asks for the next phase, or for all that are left. */
export function decideAdvance(state: State, command: CommandOf<'advance'>): Decision {
  if (isOver(state)) return holdsService(state) ? serviceHeld(state) : refuse('rollout-over', { stage: state.stage })
  if (command.version !== undefined && command.version !== state.spec.version)
    return refuse('version-mismatch', { asked: command.version, running: state.spec.version })
  if (command.digest !== undefined && !state.spec.image.endsWith(`@${command.digest}`))
    return refuse('version-mismatch', { asked: `${state.spec.version}@${command.digest}`, running: state.spec.image })
  const { rollback, lost, weight } = state
  if (rollback !== undefined) return refuse('already-rolling-back', { by: rollback.by.name, at: rollback.orderedAt })
  if (lost !== undefined) return refuse('record-lost', { weight })
  if (state.request !== undefined) {
    const { phase, by } = state.request
    return refuse('already-asked', { phase, by: by.name, missing: missingRoles(state, state.request) })
  }
  if (state.paused !== undefined) return refuse('is-paused', { by: state.paused.by.name, at: state.paused.at })
  const held = heldRefusal(holdsOn(state.overridden, command), state.spec.decides, '/deploy override <reason>')
  if (held !== null) return held
  const phase = nextPhase(state)
  const opened = state.stage === 'soaked' || (state.stage === 'soaking' && state.openedPhase === phase?.number)
  if (!opened || phase === undefined)
    return refuse('not-possible-now', {
      what: 'ask for the next phase',
      stage: state.stage,
      instead: insteadOf(state, command.at),
    })
  // It waited, and meant this phase or an earlier one: the next one its sender has not seen coming.
  if (command.at < (state.phases.at(-1)?.startedAt ?? 0))
    return refuse('said-before', { moment: 'phase', phase: state.phase })
  return { events: [requestEvent(state, command.all === true ? phasesLeft(state) : [phase.number], command)] }
}

function insteadOf(state: State, at: number): string {
  if (state.stage === 'waiting')
    return 'It waits for a decision: soak on, accept (with a reason) or roll back. The buttons are in the thread.'
  if (state.stage === 'soaking')
    return 'Wait until the soak has passed (the thread offers the next phase a little before), or ask for the rest of the soak to be skipped with `/deploy skip-soak <reason>`.'
  if (state.stage === 'released')
    return 'All traffic is on the new version. It completes by itself when the rollback window closes.'
  if (state.failure !== undefined)
    return howToLetGoOn(state, at) ?? 'A step failed: press Retry in the thread, or roll back.'
  return 'Wait until the thread offers the next phase.'
}

/** The numbers of the phases that have not started. */
export function phasesLeft(state: State): readonly number[] {
  return state.spec.phases.map((p) => p.number).filter((number) => number > state.phase)
}

/** The event that opens a request for sign-offs of exactly the present plan of these phases. */
export function requestEvent(
  state: State,
  numbers: readonly number[],
  command: Pick<CommandOf<'advance'>, 'at' | 'by'>,
): EventBody {
  const [phase] = numbers
  if (phase === undefined) throw new Error('a request is for at least one phase')
  const plan = planText(state, numbers)
  return {
    type: 'sign-off-requested',
    phase,
    plan,
    planHash: planHash(plan),
    ...(numbers.length > 1 && { phases: [...numbers] }),
    expiresAt: command.at + signOffExpires(state.spec, phase),
    by: command.by,
  }
}

/** One person's approval in a role; the last one needed starts the phase. */
export function decideApprove(state: State, command: CommandOf<'approve'>): Decision {
  const open = openRequest(state, command)
  if ('refusal' in open) return open
  const { request } = open
  // An approval may wait for a look-up, and be overtaken.
  if (command.at <= (request.withdrawn?.[command.by.id]?.at ?? 0)) return refuse('said-before', { moment: 'withdrawn' })
  const changes = planChanges(request.plan, state, request.phases)
  if (changes.length > 0) return refuse('plan-changed', { phase: request.phase, changes })
  const chosen = roleOf(state, request, command)
  if ('refusal' in chosen) return chosen
  const plan = request.planHash === undefined ? {} : { planHash: request.planHash }
  const signed: EventBody = { type: 'signed-off', request: request.id, role: chosen.role, ...plan, by: command.by }
  return { events: [signed, ...startIfSigned(after(state, signed, command), command)] }
}

/** The role in which this person's approval counts. */
function roleOf(
  state: State,
  request: Request,
  { by, role, roles, holders, known = {} }: CommandOf<'approve'>,
): { readonly role: Role } | ReturnType<typeof refuse> {
  const required = [...new Set(requiredRoles(state.spec, request.phases))]
  const held = required.filter((r) => roles.includes(r))
  if (held.length === 0) return refuse('role-not-held', { roles: required, holders })
  const own = request.signOffs.find((s) => s.by.id === by.id)
  if (own !== undefined) return refuse('already-signed', { role: own.role, at: own.at })
  if (role !== undefined && !required.includes(role)) return refuse('role-not-needed', { role, roles: required })
  if (role !== undefined && !held.includes(role)) return refuse('role-not-held', { roles: [role], holders })
  const missing = missingRoles(state, request)
  const meant = role === undefined ? held : [role]
  const closed = (r: Role) =>
    by.id === request.by.id ? closedToRequester(state.spec.phases, request.phases, r) : undefined
  const wanted = meant.filter((r) => closed(r) === undefined)
  const [phase] = meant.flatMap((r) => closed(r) ?? [])
  if (wanted.length === 0 && phase !== undefined) return refuse('requester-may-not-sign', { phase: phase.number })
  const fitting = wanted.filter((r) => missing.includes(r))
  const [only, ...more] = fitting
  if (only === undefined) {
    const taken = request.signOffs.findLast((s) => wanted.includes(s.role))
    if (taken === undefined) throw new Error('a role is neither missing nor signed')
    return refuse('slot-taken', { role: taken.role, by: taken.by.name, at: taken.at })
  }
  // Nobody is put into a role that somebody else may be needed for less: they choose.
  if (more.length > 0)
    return refuse('choose-role', {
      offers: offersOf(missing, fitting, possibleSigners(state, request, known, by.id)),
    })
  return { role: only }
}

/** Turns the plan down. */
export function decideReject(state: State, command: CommandOf<'reject'>): Decision {
  const open = openRequest(state, command)
  if ('refusal' in open) return open
  const { request } = open
  const required = [...new Set(requiredRoles(state.spec, request.phases))]
  const role = required.find((r) => command.roles.includes(r))
  if (role === undefined) return refuse('role-not-held', { roles: required, holders: command.holders })
  const { reason, by } = command
  return { events: [{ type: 'sign-off-rejected', request: request.id, role, reason, by }] }
}

/** The phase's start, when the one before has passed, every required role has signed, and nothing closes the gate. */
export function startIfSigned(state: State, command: Pick<CommandHead, 'at' | 'freeze' | 'lock'>): EventBody[] {
  // Whoever drives an observed release starts its phases.
  if (isObserved(state)) return []
  const { request, stage } = state
  if (request === undefined || stage !== 'awaiting-sign-off' || missingRoles(state, request).length > 0) return []
  if (isHeld(state, command) || gateClosedBy(state) !== null || isExpired(request, command.at)) return []
  if (openCheckpoints(state, request.phase).length > 0 || !isSamePlan(state, request)) return []
  return [{ type: 'phase-started', phase: request.phase, request: request.id }]
}

function isExpired({ expiresAt }: Request, at: number): boolean {
  return expiresAt !== null && at >= expiresAt
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

/** The request that a click or words are for, when it is still open; 0 stands for the one there is, when there is none. */
export function openRequest(
  state: State,
  command: { readonly request: number; readonly at: number },
): { readonly request: Request } | ReturnType<typeof refuse> {
  const { request } = state
  if (command.request === 0 && isOver(state)) return refuse('rollout-over', { stage: state.stage })
  if (command.request === 0) return refuse('no-request', { stage: state.stage })
  if (request === undefined || request.id !== command.request) return decidedBefore(state, command.request)
  // While Slack counts as away the clock stands; a click that arrives all the same is in time.
  if (state.silence === undefined && isExpired(request, command.at))
    return refuse('request-expired', { phase: request.phase, at: request.expiresAt ?? command.at })
  return { request }
}
