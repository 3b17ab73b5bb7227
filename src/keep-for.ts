import type { Redis } from 'ioredis'
import { isLedgerAway } from './jobs/failure.ts'
import type { World } from './jobs/world.ts'
import type { Keys } from './ledger/keys.ts'
import { removeOld } from './ledger/retention.ts'

/** Time between two looks of all processes, in ms. */
const every = 3_600_000
/** After this time what did not come off is tried again, in ms. */
const pause = 60_000

type KeepWorld = Pick<World, 'clock' | 'config' | 'leases' | 'log' | 'record'>

/** Removes what has been on record for longer than configured, until the signal: one process of them all, once an hour. */
export async function keepFor(world: KeepWorld, redis: Redis, keys: Keys, signal: AbortSignal): Promise<void> {
  const { clock, config, leases, log, record } = world
  while (!signal.aborted) {
    try {
      const lease = await leases.take('retention', pause)
      if (lease !== null) {
        const now = clock.now()
        const removed = await removeOld({ redis, keys, record, before: now - config.record.keepFor, now })
        if (removed.rollouts + removed.entries > 0) log.info(removed, 'removed from the record for its age')
        // Only now: what did not come off is not to wait for an hour.
        await lease.renew(every)
      }
    } catch (error) {
      if (!isLedgerAway(error)) log.error({ err: error }, 'what is old could not be removed; see the cause')
    }
    await clock.wait(pause, signal).catch(() => undefined)
  }
}
