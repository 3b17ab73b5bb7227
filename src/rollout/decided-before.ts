import { type Refusal, refuse } from './refusal.ts'
import type { State } from './state.ts'

/** Why a click on a request that is not open (any more) changes nothing. */
export function decidedBefore(state: State, request: number): { readonly refusal: Refusal } {
  const decided = state.decided.find((d) => d.id === request)
  if (decided === undefined) return refuse('request-unknown', {})
  const { phase, at, by } = decided
  if (decided.how === 'expired') return refuse('request-expired', { phase, at })
  return refuse('request-decided', { phase, how: decided.how, by, at })
}
