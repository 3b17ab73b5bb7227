import type { Redis } from 'ioredis'
import { parseRedisUrl, type SentinelAddress } from '../config/redis-url.ts'
import { fromRedis } from './redis.ts'
import { isNamed } from './sentinels.ts'
import { confirmed, type Trust, trustAfter } from './trust.ts'

/** How long replicas may take to have an append, in ms: with the append itself it must stay within Redis's second. */
const replicaPatience = 500
/** A replica that has not reported for longer counts as gone, in s (Redis' own default of `min-replicas-max-lag`). */
const longestLag = 10

/** How many replicas take what is written? From the text of `INFO replication`: a new one has offset 0 at first. */
export function countReplicas(info: string): number {
  const lags = [...info.matchAll(/^slave\d+:.*state=online,offset=[1-9]\d*,lag=(\d+)/gm)]
  return lags.filter(([, lag]) => Number(lag) <= longestLag).length
}

/**
 * Resolves when everything that the connection's Redis holds by now will outlive it, as far as that can be known: also what
 * others have written. Throws `ledger-unavailable` when it may not; whether it lasts is then unknown. Behind sentinels only, where the
 * master may change: every replica must have it, and a master that may be on its way out must be named by the sentinels.
 * `key` is written to; `now` is monotonic (ms).
 */
export function createDurable(redis: Redis, url: string, key: string, now: () => number): () => Promise<void> {
  const address = parseRedisUrl(url)
  if (address === null || 'url' in address) return async () => undefined
  let trust: Trust | null = null
  let closed = 0
  redis.on('close', () => {
    closed += 1
  })

  async function look(behind: SentinelAddress): Promise<void> {
    // WAIT is about what this connection itself has written: after this write, about everything before it.
    const [info, server] = await Promise.all([redis.info('replication'), redis.info('server'), redis.set(key, now())])
    trust = trustAfter(trust, /^run_id:(\w+)/m.exec(server)?.[1] ?? '', countReplicas(info), now())
    const { id, replicas, from, sure } = trust
    if (replicas === 0 || !sure) {
      if (now() < from) throw new Error('its replicas have just gone, or it has just come')
      if (!(await isNamed(behind, id))) throw new Error('the sentinels do not name this master')
      trust = confirmed(trust)
    }
    if (replicas > 0 && (await redis.wait(replicas, replicaPatience)) < replicas)
      throw new Error('not every replica has it yet')
  }

  const sharedLook = shared(() => look(address))
  return () => {
    const before = closed
    return fromRedis(async () => {
      await sharedLook()
      // The next connection may lead to another master, which need not have what the last one took.
      if (closed !== before) throw new Error('the connection was lost meanwhile')
    })
  }
}

/**
 * Calls that come while one is under way share the one that follows it: a WAIT holds its connection up, and many of them would
 * hold up all else.
 */
function shared(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null
  let following: Promise<void> | null = null

  function begin(): Promise<void> {
    const own = work().finally(() => {
      if (running === own) running = null
    })
    running = own
    return own
  }

  function follow(): Promise<void> {
    following = null
    return begin()
  }

  return () => {
    if (running === null) return begin()
    following ??= running.then(follow, follow)
    return following
  }
}
