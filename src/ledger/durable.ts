import type { Redis } from 'ioredis'
import { parseRedisUrl } from '../config/redis-url.ts'
import { fromRedis } from './redis.ts'

/** How long a replica may take to have an append, in ms: with the append itself it must stay within Redis's second. */
const replicaPatience = 500
/** A replica that has not reported for longer counts as gone, in s (Redis' own default of `min-replicas-max-lag`). */
const longestLag = 10

/** Is any replica connected that takes what is written? From the text of `INFO replication`: a new one has offset 0 at first. */
export function hasReplica(info: string): boolean {
  return [...info.matchAll(/^slave\d+:.*state=online,offset=[1-9]\d*,lag=(\d+)/gm)].some(
    ([, lag]) => Number(lag) <= longestLag,
  )
}

/**
 * Resolves when what this connection has written is also on a replica; throws `ledger-unavailable` when it is not in time:
 * whether it lasts is then unknown. Behind sentinels only, where the master may change. A master without any replica
 * connected goes on alone.
 */
export function createDurable(redis: Redis, url: string): () => Promise<void> {
  const address = parseRedisUrl(url)
  if (address === null || 'url' in address) return async () => undefined
  return () =>
    fromRedis(async () => {
      if (!hasReplica(await redis.info('replication'))) return
      if ((await redis.wait(1, replicaPatience)) < 1) throw new Error('no replica has it yet')
    })
}
