import type { QueueName } from '../../src/jobs/queue-settings.ts'
import type { Handler } from '../../src/jobs/queues.ts'

/** A handler for each queue. */
export function handlersOf(handler: (queue: QueueName) => Handler): Record<QueueName, Handler> {
  return {
    rollback: handler('rollback'),
    'rollback-wishes': handler('rollback-wishes'),
    wishes: handler('wishes'),
    answers: handler('answers'),
    readiness: handler('readiness'),
    steps: handler('steps'),
    projections: handler('projections'),
    uploads: handler('uploads'),
  }
}
