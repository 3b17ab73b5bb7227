import type { Phase, Role, RolloutSpec } from './plan.ts'
import { planChanges } from './plan-text.ts'
import { type Known, less } from './quorum.ts'
import { phaseOf, type Request, type State } from './state.ts'

/** The sign-offs that a plan of these phases needs, a role once for each: of every role as many as the phase that wants most. */
export function requiredRoles(spec: RolloutSpec, numbers: readonly number[]): readonly Role[] {
  const all: Role[] = []
  for (const { number, roles } of spec.phases) if (numbers.includes(number)) all.push(...less(roles, all))
  return all
}

/** The sign-offs that a request still waits for, a role once for each. */
export function missingRoles(state: State, request: Request): readonly Role[] {
  const signed = request.signOffs.map((s) => s.role)
  return less(requiredRoles(state.spec, request.phases), signed)
}

/**
 * The phase that keeps the one who asks for these from signing as a role: the first that wants this role and not the requester;
 * undefined where they may. So whoever asks for several may sign for those alone that let them.
 */
export function closedToRequester(phases: readonly Phase[], numbers: readonly number[], role: Role): Phase | undefined {
  return phases.find((p) => numbers.includes(p.number) && !p.requesterMaySign && p.roles.includes(role))
}

/**
 * Did they ask for the phase that was started last, and may not sign for it as the role that decides? Then somebody else has signed as that
 * role, who can let it go on when it is stopped.
 */
export function mayNotLetGoOn({ spec, phase, phases }: State, person: string): boolean {
  return phases.at(-1)?.askedBy === person && closedToRequester(spec.phases, [phase], spec.decides) !== undefined
}

/** Of the people who are known, those who could still sign: nobody twice, nor the one who asked where that is not allowed. */
export function possibleSigners({ spec }: State, request: Request, known: Known, except = ''): Known {
  const signed = new Set([...request.signOffs.map((s) => s.by.id), except])
  const may = (role: Role, person: string) =>
    person !== request.by.id || closedToRequester(spec.phases, request.phases, role) === undefined
  return Object.fromEntries(
    Object.entries(known).map(([role, people]) => [role, people.filter((p) => !signed.has(p) && may(role, p))]),
  )
}

/** Is what was asked for still exactly what would be carried out? */
export function isSamePlan(state: State, request: Request): boolean {
  return planChanges(request.plan, state, request.phases).length === 0
}

/** How long a request that begins with this phase stands, in ms. */
export function signOffExpires(spec: RolloutSpec, number: number): number {
  return spec.phases.find((p) => p.number === number)?.signOffExpires ?? spec.signOffExpires
}

/** The places of a phase's checkpoints that nobody has ticked off, from 1 on. */
export function openCheckpoints(state: State, number: number): readonly number[] {
  const places = (phaseOf(state, number)?.checkpoints ?? []).map((_, index) => index + 1)
  return places.filter((place) => !state.ticks.some((t) => t.phase === number && t.checkpoint === place))
}

/** What keeps a fully signed phase from starting, or null. */
export function gateClosedBy(state: State): 'lost record' | 'pause' | 'drift' | 'blindness' | 'silence' | null {
  if (state.lost !== undefined) return 'lost record'
  if (state.paused !== undefined) return 'pause'
  if (state.drift !== undefined) return 'drift'
  if (state.blind !== undefined) return 'blindness'
  if (state.silence !== undefined) return 'silence'
  return null
}
