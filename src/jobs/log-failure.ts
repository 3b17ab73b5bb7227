import { isPassing, isSlackAway, tell } from './failure.ts'
import type { QueueName } from './queue-settings.ts'
import type { Log } from './world.ts'

interface Failure {
  readonly queue: QueueName
  readonly job: { readonly id?: string | undefined; readonly name: string } | undefined
  readonly error: unknown
  /** How often it has failed so, this time included. */
  readonly tries: number
}

/**
 * Logs that a job failed, without what it was told: that may be a message to somebody. That Slack is away is logged ever more rarely
 * of the same job: at its 1st, 2nd, 4th, 8th try and so on.
 */
export function logFailure(log: Log, { queue, job, error, tries }: Failure): void {
  if (isSlackAway(error) && !Number.isInteger(Math.log2(tries))) return
  const fields = { err: error, queue, job: job?.name, id: job?.id, tries }
  // What does not pass by itself needs a person.
  if (isPassing(error) || isOutside(error)) log.warn(fields, 'a job failed; it is tried again')
  else log.error(fields, `a job failed: ${tell(error).what} ${tell(error).todo}`)
}

function isOutside(error: unknown): boolean {
  return isSlackAway(error) || ['paging-unreachable', 'sink-unreachable'].includes(tell(error).code)
}
