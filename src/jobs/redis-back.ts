import { withoutRedisKey } from './page-texts.ts'
import type { Unrecorded } from './unrecorded.ts'
import type { World } from './world.ts'

/** Redis away for this long, with traffic on the canary, pages (ms): as long as Slack away does. */
export const pagesAfter = 5 * 60_000

/** Sees to it that what was paged because Redis was away is resolved once it is back, whoever paged it: that one may be gone. */
export interface RedisBack {
  /** This process is without Redis at this moment. */
  noteAway(): void
  /** Redis answers; throws when it does not after all. */
  settle(): Promise<void>
}

export function createRedisBack(
  { leases, rollouts }: Pick<World, 'leases' | 'rollouts'>,
  unrecorded: Pick<Unrecorded, 'leaveOut'>,
): RedisBack {
  // Who has just been started knows nothing of the time before.
  let away = true
  return {
    noteAway: () => {
      away = true
    },
    async settle() {
      if (!away) return
      // PagerDuty drops a resolve of what was never triggered; one process asks it, and no absence since can have paged again before the lease ends.
      const lease = await leases.take('redis-back', pagesAfter)
      const open = lease === null ? [] : await rollouts.open()
      for (const rollout of open) unrecorded.leaveOut(withoutRedisKey({ service: rollouts.service, rollout }))
      away = false
    },
  }
}
