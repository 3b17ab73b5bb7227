import type { State } from './state.ts'

/** Failures by which a phase was stopped as what was signed for it counts no more: trying again brings no sign-off back. */
const codes: readonly string[] = ['image-changed', 'sign-offs-lapsed']

/** Was the phase that had started stopped for want of sign-offs that count? The role that decides may let it go on. */
export function isUnsigned({ failure }: Pick<State, 'failure'>): boolean {
  return failure !== undefined && codes.includes(failure.code)
}

/** Do the sign-offs of a phase that has started and has not had its weight stand no more at `at` (ms)? */
export function hasLapsed({ stage, phases, silence }: State, at: number): boolean {
  const { signedUntil } = phases.at(-1) ?? {}
  // The time without Slack is added when that is back.
  return stage === 'shifting' && silence === undefined && signedUntil !== undefined && at >= signedUntil
}

/**
 * What to do at `at` (ms) about a step that failed where its phase has no sign-offs that count, in words: only the role that decides may let it
 * go on. Null where no step has failed, or it may be tried again.
 */
export function howToLetGoOn(state: State, at: number): string | null {
  if (state.failure === undefined) return null
  if (isUnsigned(state)) return state.failure.todo
  if (!hasLapsed(state, at)) return null
  return 'The sign-offs of its phase stand no more. The deciding role lets it go on, with `/deploy override <reason>`; or roll back.'
}
