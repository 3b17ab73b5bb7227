import type { DecidedRequest, PhaseRecord, State } from './state.ts'

/** The state with more known of the phase that was started last. */
export function updatePhase(state: State, change: Partial<PhaseRecord>): State {
  return { ...state, phases: state.phases.map((p) => (p.phase === state.phase ? { ...p, ...change } : p)) }
}

/** The state after the open request for sign-offs, if any, has ended. */
export function endRequest(state: State, how: DecidedRequest['how'], by: string, at: number): State {
  if (state.request === undefined) return state
  const decided = { id: state.request.id, phase: state.request.phase, how, by, at }
  return { ...without(state, 'request'), decided: [...state.decided, decided] }
}

/** The state after the open request to skip a soak, if any, has ended. */
export function endSkip(state: State, how: DecidedRequest['how'], by: string, at: number): State {
  if (state.skip === undefined) return state
  const decided = { id: state.skip.id, phase: state.skip.phase, how, by, at }
  return { ...without(state, 'skip'), decided: [...state.decided, decided] }
}

type Optional =
  | 'warned'
  | 'request'
  | 'skip'
  | 'paused'
  | 'decision'
  | 'blind'
  | 'drift'
  | 'silence'
  | 'failure'
  | 'lost'

/** The state without one of the things that it may hold. */
export function without(state: State, key: Optional): State {
  if (state[key] === undefined) return state
  // Not by `delete`: every look at what that leaves is slow.
  const { [key]: _, ...rest } = state
  return rest
}

/** Nothing holds a rollout any more that is over. */
export function calm(state: State): State {
  return without(without(without(without(without(state, 'blind'), 'drift'), 'paused'), 'lost'), 'warned')
}
