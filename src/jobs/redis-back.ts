import { withoutRedisKey } from './page-texts.ts'
import type { Unrecorded } from './unrecorded.ts'
import type { World } from './world.ts'

/** Redis away for this long, with traffic on the canary, pages (ms): as long as Slack away does. */
export const pagesAfter = 5 * 60_000
/** One process at a time sees to it; where it dies at that, another one does after this (ms). */
const settlesWithin = 30_000

/** Sees to it that what was paged because Redis was away is resolved once it is back, whoever paged it: that one may be gone. */
export interface RedisBack {
  /** This process is without Redis at this moment. */
  noteAway(): void
  /** Redis answers: resolves what no ledger knows, too. Throws when it does not answer after all. */
  settle(): Promise<void>
}

export function createRedisBack(
  { leases, rollouts }: Pick<World, 'leases' | 'rollouts'>,
  unrecorded: Pick<Unrecorded, 'leaveOut' | 'isLeftOut' | 'settle'>,
): RedisBack {
  // Who has just been started knows nothing of the time before.
  let away = true

  /** Has a process seen to it since Redis is back? No absence since can have paged again before that lease ends. */
  async function isDone(): Promise<boolean> {
    const free = await leases.take('redis-back-done', 1)
    await free?.release()
    return free === null
  }

  return {
    noteAway: () => {
      away = true
    },
    async settle() {
      const lease = away ? await leases.take('redis-back', settlesWithin) : null
      // PagerDuty drops a resolve of what was never triggered.
      const open = lease === null || (await isDone()) ? [] : await rollouts.open()
      const keys = open.map((rollout) => withoutRedisKey({ service: rollouts.service, rollout }))
      for (const key of keys) unrecorded.leaveOut(key)
      await unrecorded.settle()
      if (lease === null) return
      if (!keys.some(unrecorded.isLeftOut)) {
        await leases.take('redis-back-done', pagesAfter)
        away = false
      }
      await lease.release()
    },
  }
}
