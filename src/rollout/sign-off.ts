import { canonicalJson } from './canonical.ts'
import { canarySize, type Phase, type Plan, type Role } from './plan.ts'
import type { Request, State } from './state.ts'

/** The plan of a phase as it would be carried out now; null before the rollout is prepared. */
export function planOf(state: State, phase: Phase): Plan | null {
  if (state.parts === undefined) return null
  return {
    service: state.service,
    rollout: state.rollout,
    image: state.spec.image,
    phase,
    fromWeight: state.weight,
    stable: state.parts.stable,
    canary: state.parts.canary,
    replicas: canarySize(phase, state.parts.stableSize, state.spec.headroom),
  }
}

/** The plan in canonical form, with all that is watched: two plans are the same when these texts are. */
export function planText(state: State, phase: Phase): string {
  const { metrics, interval } = state.spec
  return canonicalJson({ plan: planOf(state, phase), metrics, interval })
}

/** Is the plan that was signed still the one that would be carried out? An older Slipway may have written it in another order. */
export function isPlan(text: string, state: State, phase: Phase): boolean {
  return canonicalJson(JSON.parse(text)) === planText(state, phase)
}

/** The roles that a request still waits for. */
export function missingRoles(state: State, request: Request): readonly Role[] {
  const required = state.spec.phases.find((p) => p.number === request.phase)?.roles ?? []
  return required.filter((role) => !request.signOffs.some((s) => s.role === role))
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
