import type { Event, EventType } from './events.ts'
import { breachKey } from './pages.ts'
import { isOver, type State } from './state.ts'
import { calm, endRequest, endSkip, without } from './state-changes.ts'

/** The kinds of events by which a rollout comes to its end, and what is left after it. */
type EndEvent = Extract<
  EventType,
  | 'breach-confirmed'
  | 'rollback-ordered'
  | 'rollback-attempt-failed'
  | 'weights-restored'
  | 'traffic-verified'
  | 'clean-up-held'
  | 'clean-up-ordered'
  | 'clean-up-retried'
  | 'cleaned-up'
  | 'git-behind'
  | 'stable-recovered'
  | 'recovery-not-seen'
  | 'completed'
>

/** The state after a breach, a step of a rollback, the completion or a step of the clean-up. */
export function evolveEnd(state: State, event: Extract<Event, { type: EndEvent }>): State {
  switch (event.type) {
    case 'breach-confirmed':
      return {
        ...state,
        breaches: [...state.breaches, { number: event.number, at: event.at, evidence: event.evidence }],
        // Known only after the end: its incident is resolved when stable is seen to be well, as any other.
        ...(isOver(state) && state.rollback?.incident !== breachKey(state) && { recovery: 'watched' as const }),
      }
    case 'rollback-ordered': {
      const { cause, forced, reason, by, at, version } = event
      // The incident of an order that is overtaken stays the rollout's only one.
      const failedAttempts = state.rollback?.failedAttempts ?? 0
      const incident = event.withoutEvidence ? breachKey(state) : state.rollback?.incident
      const asked = endSkip(endRequest(state, 'ended', by.name, at), 'ended', by.name, at)
      const ended = without(without(without(asked, 'decision'), 'failure'), 'warned')
      return {
        ...ended,
        stage: 'rolling-back',
        rollback: {
          ...{ version, cause, forced, reason, by, orderedAt: at, failedAttempts },
          ...(incident !== undefined && { incident }),
        },
      }
    }
    case 'rollback-attempt-failed':
      if (state.rollback === undefined) return state
      return {
        ...state,
        stage: 'rollback-failed',
        rollback: { ...state.rollback, failedAttempts: event.attempt, failing: event.code },
      }
    case 'weights-restored': {
      if (state.rollback === undefined) return state
      return {
        ...calm(state),
        stage: 'rolled-back',
        weight: 0,
        rollback: { ...state.rollback, restoredAt: event.restoredAt, from: event.from },
        // Before its first phase the canary was never touched.
        cleanUp: state.parts === undefined || isUntouched(state) ? 'done' : 'due',
        recovery: state.pages.some((p) => !p.resolved) ? 'watched' : 'none',
      }
    }
    case 'traffic-verified':
      return { ...state, verifiedAt: event.at }
    case 'clean-up-held':
      return {
        ...state,
        cleanUp: event.failed ? 'failed' : 'held',
        cleanUpSince: event.at,
        cleanUpAsked: event.version,
      }
    case 'clean-up-ordered':
      return { ...state, cleanUp: 'ordered' }
    case 'clean-up-retried':
      return { ...state, cleanUp: 'due', cleanUpSince: event.at }
    case 'cleaned-up':
      return { ...state, cleanUp: 'done' }
    case 'git-behind':
      return { ...state, gitBehind: true }
    case 'stable-recovered':
      return { ...state, recovery: 'seen' }
    case 'recovery-not-seen':
      return { ...state, recovery: 'not-seen' }
    case 'completed': {
      const quiet = without(without(state, 'paused'), 'drift')
      return { ...quiet, stage: 'complete', completedAt: event.at, cleanUp: 'due' }
    }
  }
}

function isUntouched({ phase, lost }: State): boolean {
  return phase === 0 && lost === undefined
}
