import { z } from 'zod'
import { isRefusal } from '../jobs/failure.ts'
import type { World } from '../jobs/world.ts'
import { waitForTurn } from '../ledger/pace.ts'
import { type Actor, actor, lock } from '../rollout/events.ts'
import type { Lock } from '../rollout/hold.ts'
import { escapeText, timeText, who } from './format.ts'
import { lockedText, unlockedText } from './hold-texts.ts'
import { textMessage } from './message.ts'
import { clocksDiffer, type Messenger } from './messenger.ts'

/** A lock that was set, or lifted, while no rollout was under way whose thread would tell it. */
const news = z.object({
  /** Of the command, which is also that of the message. */
  id: z.string(),
  at: z.number(),
  lock,
  liftedBy: actor.exactOptional(),
})
export type LockNews = z.infer<typeof news>

/** Name of the job that tells it. */
export const lockNewsJob = 'lock-news'

/**
 * Tells the channel of a lock, once. Whatever order these are told in, the last one is true: a lock that was lifted before it could be told
 * is told by its end, and an end says what holds since. `settles`: for how long a post that was given up on may still appear, in ms.
 */
export async function tellLock(
  { config, clock, pace, leases, locks }: Pick<World, 'config' | 'clock' | 'pace' | 'leases' | 'locks'>,
  messenger: Messenger,
  settles: number,
  data: unknown,
): Promise<'done' | 'again'> {
  const { id, at, lock, liftedBy } = news.parse(data)
  // Kept after a try that was cut short, until what it posted is there to be found.
  const lease = await leases.take(lockNewsJob, settles)
  if (lease === null) return 'again'
  try {
    const block = `lock/${id}`.slice(0, 255)
    if (!(await messenger.find([block], { since: at - clocksDiffer })).has(block)) {
      await waitForTurn(pace, clock, 'post')
      const text = textOf(lock, liftedBy, await locks.present())
      // Last before the post: whoever stood still until here has lost it.
      if (!(await lease.renew(settles))) return 'again'
      if (text !== null) await messenger.post(textMessage(block, `${escapeText(config.title)}: ${text}`))
    }
  } catch (error) {
    if (isRefusal(error)) await lease.release()
    throw error
  }
  await lease.release()
  return 'done'
}

/** What is told; null where nothing is left to tell. */
function textOf(lock: Lock, liftedBy: Actor | undefined, present: Lock | null): string | null {
  if (liftedBy === undefined) return present?.id === lock.id ? lockedText(lock).text : null
  const unlocked = unlockedText({ by: liftedBy, was: lock }).text
  if (present === null) return unlocked
  return `${unlocked} *Locked again* by ${who(present.by)} since ${timeText(present.at)}: ${escapeText(present.reason)}.`
}
