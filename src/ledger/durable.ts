import { Redis } from 'ioredis'
import { z } from 'zod'
import { parseRedisUrl, type SentinelAddress } from '../config/redis-url.ts'
import { fromRedis } from './redis.ts'

/** How long a replica may take to have an append, in ms: with the append itself it must stay within Redis's second. */
const replicaPatience = 500
/** How long a sentinel may take to answer, in ms. */
const sentinelPatience = 300
/** A replica that has not reported for longer counts as gone, in s (Redis' own default of `min-replicas-max-lag`). */
const longestLag = 10
/**
 * A master without replicas that has just appeared, or has just lost them, may be one that is being demoted: the sentinels
 * name the other one only when they have seen it promoted. For so long (ms) it counts nothing.
 */
const doubtful = 5_000

/** Is any replica connected that takes what is written? From the text of `INFO replication`: a new one has offset 0 at first. */
export function hasReplica(info: string): boolean {
  return [...info.matchAll(/^slave\d+:.*state=online,offset=[1-9]\d*,lag=(\d+)/gm)].some(
    ([, lag]) => Number(lag) <= longestLag,
  )
}

/**
 * Resolves when what this connection has written will outlive its master, as far as that can be known; throws
 * `ledger-unavailable` when it may not: whether it lasts is then unknown. Behind sentinels only, where the master may change:
 * a replica has it, or most sentinels name this very master although it has had no replica for a while. `now` is monotonic (ms).
 */
export function createDurable(redis: Redis, url: string, now: () => number): () => Promise<void> {
  const address = parseRedisUrl(url)
  if (address === null || 'url' in address) return async () => undefined
  /** Since when this master has been known, or has had its last replica (ms). */
  let sure: { readonly id: string; readonly at: number } | null = null
  return () =>
    fromRedis(async () => {
      const [info, server] = await Promise.all([redis.info('replication'), redis.info('server')])
      const id = /^run_id:(\w+)/m.exec(server)?.[1] ?? ''
      if (hasReplica(info)) {
        sure = { id, at: now() }
        if ((await redis.wait(1, replicaPatience)) < 1) throw new Error('no replica has it yet')
        return
      }
      // One that has just been started again may still be failed over for having been away.
      if (sure?.id !== id) sure = { id, at: now() }
      if (now() - sure.at < doubtful) throw new Error('the replicas have just gone, or it has just come')
      if (!(await isNamed(address, id))) throw new Error('the sentinels do not name this master')
    })
}

/** Do most sentinels name the process with this run id as master? */
async function isNamed(address: SentinelAddress, id: string): Promise<boolean> {
  const named = await Promise.all(address.sentinels.map((one) => masterOf(address, one)))
  return named.filter((found) => found === id).length * 2 > address.sentinels.length
}

const fields = z.array(z.string())

/** The run id of the master by one sentinel; null when it does not answer. */
async function masterOf(
  { name, password, tls }: SentinelAddress,
  { host, port }: SentinelAddress['sentinels'][number],
): Promise<string | null> {
  const sentinel = new Redis({
    host,
    port,
    lazyConnect: true,
    connectTimeout: sentinelPatience,
    commandTimeout: sentinelPatience,
    retryStrategy: null,
    ...(password !== undefined && { password }),
    ...(tls && { tls: {} }),
  })
  sentinel.on('error', () => undefined)
  try {
    await sentinel.connect()
    const answer = fields.parse(await sentinel.call('SENTINEL', 'MASTER', name))
    return answer[answer.indexOf('runid') + 1] ?? null
  } catch {
    return null
  } finally {
    sentinel.disconnect()
  }
}
