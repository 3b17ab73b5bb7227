import { type Job as BullJob, DelayedError } from 'bullmq'
import { isSlackAway } from './failure.ts'
import { logFailure } from './log-failure.ts'
import { pauseBefore } from './pause-before.ts'
import { fewTries, type QueueName } from './queue-settings.ts'
import type { Handler } from './queues.ts'
import type { Log } from './world.ts'

/** How soon a busy projection is looked at again, in ms. */
const soon = 250

interface Work {
  readonly queue: QueueName
  readonly handler: Handler
  readonly log: Log
}

type Held = Pick<
  BullJob,
  'id' | 'name' | 'data' | 'opts' | 'attemptsMade' | 'attemptsStarted' | 'progress' | 'moveToDelayed' | 'updateProgress'
>

/**
 * Does a job that is held under `token`. One that would be given up one day waits for a Slack that is away without using a try up; its
 * progress is how often it has. Throws `DelayedError` when it comes back by itself, and what the handler throws when a try failed.
 */
export async function runJob({ queue, handler, log }: Work, job: Held, token: string | undefined): Promise<void> {
  const tries = job.opts.attempts ?? 1
  let pause = soon
  try {
    const tried = job.attemptsStarted > 1
    const outcome = await handler({ name: job.name, data: job.data, last: job.attemptsMade + 1 >= tries, tried })
    if (outcome === 'done') return
  } catch (error) {
    if (!isSlackAway(error) || tries > fewTries) throw error
    const waits = (typeof job.progress === 'number' ? job.progress : 0) + 1
    await job.updateProgress(waits)
    logFailure(log, { queue, job, error, tries: waits })
    pause = pauseBefore(queue, waits, error, Math.random())
  }
  await job.moveToDelayed(Date.now() + pause, token)
  throw new DelayedError()
}
