import { type Refusal, refuse } from './refusal.ts'
import { isOver, type State } from './state.ts'

/** Why no other rollout of the service starts while this one holds it. */
export function serviceHeld(state: State): { readonly refusal: Refusal } {
  const detail = { version: state.spec.version, stage: state.stage }
  return isOver(state) ? refuse('clean-up-pending', detail) : refuse('rollout-active', detail)
}
