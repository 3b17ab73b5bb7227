import { askedPause } from './failure.ts'
import type { QueueName } from './queue-settings.ts'

/** Is this one of the queues in which nothing may keep a rollback waiting? */
export const isUrgent = (queue: QueueName) => queue === 'rollback' || queue === 'rollback-wishes'

/** The longest pause between two tries, in ms: what the thread promises of a rollback. */
const longestPause = 10_000
/** The longest pause that somebody else may ask for, in ms: a page or a message must not wait for hours. */
const longestAsked = 5 * 60_000

/**
 * The pause before the next try, in ms: doubling, with jitter, at most 10 s. An outside system that asks for more gets it (and
 * a little more, so that not all come back at once), but never from a rollback. `random` is from 0 to 1.
 */
export function pauseBefore(queue: QueueName, attempts: number, error: unknown, random: number): number {
  const own = Math.min(longestPause, 250 * 2 ** Math.min(attempts, 10)) * (0.75 + random / 4)
  const asked = askedPause(error) * (1 + random / 10)
  return Math.round(Math.min(isUrgent(queue) ? longestPause : longestAsked, Math.max(own, asked)))
}
