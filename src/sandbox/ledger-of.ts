import { Redis } from 'ioredis'
import { keysOf } from '../ledger/keys.ts'
import { createRedisLedger } from '../ledger/redis-ledger.ts'
import type { Event } from '../rollout/events.ts'
import type { World } from './world.ts'

/** A rollout's events, read from the world's Redis. */
export async function ledgerOf(world: World, rollout: number): Promise<readonly Event[]> {
  const redis = new Redis(world.redis.url)
  try {
    return await createRedisLedger(redis, world.config.service, keysOf(world.config.service)).read(rollout, 0)
  } finally {
    redis.disconnect()
  }
}
