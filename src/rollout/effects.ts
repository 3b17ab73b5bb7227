import type { Event } from './events.ts'
import { gateClosedBy } from './sign-off.ts'
import { isObserved, isOver, type State } from './state.ts'

/** Work on the outside world that a rollout waits for. */
export const stepJobs = ['prepare', 'shift', 'take-over', 'roll-back', 'clean-up', 'recheck'] as const
export type StepJob = (typeof stepJobs)[number]

/** What turns events into something people see; each has a cursor of its own per rollout. */
export const projections = ['journal', 'thread', 'card', 'paging', 'change-events', 'sink'] as const
export type Projection = (typeof projections)[number]

/** The version of the last event that a projection has anything to show of, for all that it knows: before that it is not done. */
export function lastShown(state: State, projection: Projection): number {
  return projection === 'paging' || projection === 'change-events' ? state.toldPagerDuty[projection] : state.version
}

/** A job to start. */
export interface Job {
  readonly name: StepJob
  readonly service: string
  readonly rollout: number
  /** Version of the event that ordered it: the same order is the same job, however often it is started. */
  readonly order: number
}

/** The one table from events to jobs. Pure; `state` is the state after the event. */
export function effects(event: Event, state: State): readonly Job[] {
  switch (event.type) {
    case 'rollout-started':
    case 'warnings-accepted':
    case 'unlocked':
    case 'hold-overridden':
    case 'sign-off-requested':
    case 'phase-started':
    case 'rollback-ordered':
    case 'weights-restored':
    case 'completed':
    case 'clean-up-ordered':
    case 'clean-up-retried':
    case 'resumed':
    case 'step-retried':
    case 'drift-gone':
    case 'sight-regained':
    case 'taken-over':
    case 'take-over-failed':
    case 'slack-back':
      return dueJobs(state)
    default:
      return []
  }
}

/** The jobs that a rollout in this state waits for; the recovery sweep starts them again when a crash left them out. */
export function dueJobs(state: State): readonly Job[] {
  const { service, rollout, request } = state
  // Nothing waits for it, and it waits for nothing. Where Slipway only observes, requests are practice.
  if (request === undefined || request.rechecked || isObserved(state)) return dueSteps(state)
  return [...dueSteps(state), { name: 'recheck', service, rollout, order: request.id }]
}

function dueSteps(state: State): readonly Job[] {
  const job = (name: StepJob, order: number): readonly Job[] => [
    { name, service: state.service, rollout: state.rollout, order },
  ]
  if (state.rollback !== undefined && !isOver(state)) return job('roll-back', state.rollback.version)
  if (state.cleanUp === 'due' || state.cleanUp === 'ordered') return job('clean-up', 0)
  if (state.drift?.takenOver !== undefined) return job('take-over', state.drift.takenOver)
  if (state.failure !== undefined || state.paused !== undefined) return []
  if (state.stage === 'preparing' && state.drift === undefined && state.warned === undefined) return job('prepare', 1)
  // What closes the gate keeps the step from being due; what opens it again starts it.
  if (state.stage === 'shifting' && gateClosedBy(state) === null) return job('shift', state.phaseVersion)
  return []
}
