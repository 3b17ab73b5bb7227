import type { Objection } from './events.ts'
import type { Phase, RolloutSpec } from './plan.ts'
import { missingRoles } from './sign-off.ts'
import { phaseOf, type State } from './state.ts'

/**
 * The phase that a weight seen on the cluster stands for: the first one that allows as much, so that the sign-offs it would
 * have needed are those for this exposure. Null without traffic on the canary.
 */
export function phaseAt(spec: RolloutSpec, weight: number): Phase | null {
  return weight <= 0 ? null : (spec.phases.find((p) => p.weight >= weight) ?? spec.phases.at(-1) ?? null)
}

/**
 * Has the canary had everything for the last soak and the rollback window? By the clock: whoever drives the release goes by no numbers of
 * Slipway's, and the next release is not to be taken for a step of this one.
 */
export function isReleased(state: State, at: number): boolean {
  const since = state.observation?.story.findLast((seen) => seen.type === 'weight-seen')?.at
  const soak = phaseOf(state, state.phase)?.soak ?? 0
  return state.weight === 100 && since !== undefined && at >= since + soak + state.spec.rollbackWindow
}

/**
 * Why Slipway would not have gone on to a phase. `observed`: how much of the present soak was seen, in ms; `image`: what the
 * canary runs. A step within the phase, or back, needs nothing.
 */
export function objectionsTo(
  state: State,
  phase: Phase,
  { observed, image }: { readonly observed: number; readonly image: string },
): Objection[] {
  if (phase.number <= state.phase) return []
  const rolledBack = state.observation?.wouldRollBack
  if (rolledBack !== undefined) return [{ why: 'rolled-back', at: rolledBack.at }]
  const { request, spec } = state
  const missing = request?.phase === phase.number ? missingRoles(state, request) : phase.roles
  const leftOut = spec.phases.map((p) => p.number).filter((n) => n > state.phase && n < phase.number)
  return [
    ...(image === spec.image ? [] : [{ why: 'image' as const, found: image, expected: spec.image }]),
    ...(missing.length === 0 ? [] : [{ why: 'sign-offs' as const, roles: [...missing] }]),
    ...(leftOut.length === 0 ? [] : [{ why: 'phases-left-out' as const, phases: leftOut }]),
    ...soakObjections(state, observed),
    ...(state.blind === undefined ? [] : [{ why: 'blind' as const }]),
  ]
}

function soakObjections(state: State, observed: number): Objection[] {
  const record = state.phases.at(-1)
  const wanted = phaseOf(state, state.phase)?.soak
  if (record === undefined || wanted === undefined) return []
  const { phase } = record
  if (record.endedAt === undefined) return [{ why: 'soak', phase, observed: Math.min(observed, wanted), wanted }]
  return record.figures?.some((f) => f.good === false) ? [{ why: 'targets', phase }] : []
}
