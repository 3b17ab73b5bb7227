import type { Event } from './events.ts'
import type { State } from './state.ts'

/** Work on the outside world that an event leads to. */
export type StepJob = 'prepare' | 'shift' | 'roll-back' | 'clean-up'

/** What turns events into something people see; each has a cursor of its own per rollout. */
export const projections = ['thread', 'card', 'paging'] as const
export type Projection = (typeof projections)[number]

/** A job to start. Its id is made from the event, so starting it twice is one job. */
export interface Job {
  readonly name: StepJob
  readonly service: string
  readonly rollout: number
  /** Version of the event that ordered it. */
  readonly version: number
}

/** The one table from events to jobs. Pure; `state` is the state after the event. */
export function effects(event: Event, state: State): readonly Job[] {
  const job = (name: StepJob): readonly Job[] => [
    { name, service: event.service, rollout: event.rollout, version: event.version },
  ]
  switch (event.type) {
    case 'rollout-started':
      return job('prepare')
    case 'phase-started':
      return job('shift')
    case 'rollback-ordered':
      return job('roll-back')
    case 'weights-restored':
    case 'completed':
    case 'clean-up-ordered':
      return job('clean-up')
    case 'resumed':
    case 'step-retried':
    case 'drift-gone':
    case 'sight-regained':
      return dueJobs(state)
    default:
      return []
  }
}

/**
 * The jobs that a rollout in this state is waiting for: what the recovery sweep starts again when a crash left them
 * out. They carry the present version, so that they are new to the queue.
 */
export function dueJobs(state: State): readonly Job[] {
  const name = dueJob(state)
  return name === null ? [] : [{ name, service: state.service, rollout: state.rollout, version: state.version }]
}

function dueJob(state: State): StepJob | null {
  if (state.stage === 'rolling-back' || state.stage === 'rollback-failed') return 'roll-back'
  if (state.cleanUp === 'due' || state.cleanUp === 'ordered') return 'clean-up'
  if (state.failure !== undefined || state.paused !== undefined) return null
  if (state.stage === 'preparing') return 'prepare'
  if (state.stage === 'shifting') return 'shift'
  return null
}
