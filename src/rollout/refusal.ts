import type { PlanChange } from './events.ts'
import type { Role } from './plan.ts'
import type { Offer } from './quorum.ts'

/**
 * Why a command is refused, with what the words need. The words themselves stand in the one table of `src/errors.ts`.
 * Times are ms since 1970, weights percent.
 */
export interface Refusals {
  'no-rollout': { service: string }
  'rollout-active': { version: string; stage: string }
  /** `moment`: what it was said before. */
  'said-before':
    | { version: string; moment: 'started' | 'ended' }
    | { phase: number; moment: 'phase' }
    | { moment: 'locked' | 'unlocked' | 'paused' | 'failed' | 'changed' | 'awaited' | 'withdrawn' | 'held' }
  'version-mismatch': { asked: string; running: string }
  'report-missing': { version: string }
  'report-other-image': { version: string; image: string; wanted: string }
  'report-expired': { version: string; at: number }
  'report-not-ready': { version: string; blocks: number }
  'report-other-configuration': { version: string; image: string }
  'rollout-over': { stage: string }
  /** `role` may override it, by the command `how`. */
  frozen: { title: string; until: number; zone: string; role: Role; how: string }
  locked: { by: string; at: number; reason: string; role: Role; how: string }
  'not-possible-now': { what: string; stage: string; instead: string }
  'already-asked': { phase: number; by: string; missing: readonly Role[] }
  'request-unknown': Record<string, never>
  'no-request': { stage: string }
  'request-decided': { phase: number; how: string; by: string; at: number }
  'request-expired': { phase: number; at: number }
  'plan-changed': { phase: number; changes: readonly PlanChange[] }
  'choose-role': { offers: readonly Offer[] }
  'role-not-needed': { role: Role; roles: readonly Role[] }
  'not-signed': { phase: number }
  /** `observed`: somebody else drives it, so that it can't be held here. */
  'quorum-met': { phase: number; observed: boolean }
  'may-not-cancel': { by: string; roles: readonly Role[]; holders: readonly string[] }
  'nudged-already': { by: string; at: number; again: number }
  'nobody-to-nudge': { phase: number }
  'no-such-checkpoint': { phase: number }
  'already-ticked': { by: string; at: number }
  'role-not-held': { roles: readonly Role[]; holders: readonly string[] }
  'requester-may-not-sign': { phase: number }
  'already-signed': { role: Role; at: number }
  'slot-taken': { role: Role; by: string; at: number }
  'already-rolling-back': { by: string; at: number }
  'already-paused': { by: string; at: number }
  'in-charge-already': { name: string }
  'not-paused': Record<string, never>
  'is-paused': { by: string; at: number }
  'skip-asked-already': { by: string; roles: readonly Role[] }
  'traffic-already': { weight: number }
  'record-lost': { weight: number }
  'terminal-unproven': { what: string }
  'clean-up-pending': { version: string; stage: string }
  'observes-only': { what: string }
}

export type RefusalCode = keyof Refusals

/** A coded refusal: nothing was changed. */
export interface Refusal<C extends RefusalCode = RefusalCode> {
  readonly code: C
  readonly detail: Refusals[C]
}

/** Makes a refusal whose detail fits its code. */
export function refuse<C extends RefusalCode>(code: C, detail: Refusals[C]): { readonly refusal: Refusal<C> } {
  return { refusal: { code, detail } }
}
