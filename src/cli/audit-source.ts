import { z } from 'zod'
import { keysOf } from '../ledger/keys.ts'
import { fromRedis } from '../ledger/redis.ts'
import type { OnRecord } from '../ledger/verify.ts'
import { formerRootsNote, rootNote } from '../slack/threads-of.ts'
import { ledgersOfRedis } from './history-source.ts'
import { withRedis } from './with-redis.ts'

const count = z.coerce.number().int()

/** What an audit reads from Redis. */
export interface AuditSource extends OnRecord {
  /** Where each rollout's thread stands in Slack; several where somebody has deleted its card. */
  readonly threads: ReadonlyMap<number, readonly string[]>
}

/** Reads all that is on record of a service; throws `ledger-unavailable` or `ledger-refused`. */
export async function readRecord(url: string, service: string): Promise<AuditSource> {
  const keys = keysOf(service)
  // The record tells of events, and cursors of what was shown: the ledgers are read last, so that nothing is ahead of them.
  const before = await withRedis(url, (redis) =>
    fromRedis(async () => {
      const latest = count.parse((await redis.get(keys.latest)) ?? 0)
      const shown = new Map<number, number>()
      const threads = new Map<number, readonly string[]>()
      for (let rollout = 1; rollout <= latest; rollout++) {
        const notes = [rootNote, formerRootsNote].map((name) => `note:${name}`)
        const [done, root, former] = await redis.hmget(keys.cursors(rollout), 'journal:done', ...notes)
        if (done != null) shown.set(rollout, count.parse(done))
        if (root != null) threads.set(rollout, [root, ...(former?.split(' ') ?? [])])
      }
      const places = (await redis.hvals(keys.recordIds)).map((place) => count.parse(place))
      const lastSeq = places.reduce((a, b) => Math.max(a, b), 0)
      const [record, removed] = await Promise.all([redis.lrange(keys.record, 0, -1), redis.get(keys.recordRemoved)])
      return { latest, shown, threads, lastSeq, record, removed: count.parse(removed ?? 0) }
    }),
  )
  return { service, ...before, ledgers: await ledgersOfRedis(url, service) }
}
