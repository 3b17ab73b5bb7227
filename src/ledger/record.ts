import type { Redis } from 'ioredis'
import { z } from 'zod'
import { SlipwayError } from '../errors.ts'
import { chained, headAfter } from './chain.ts'
import { fingerprint } from './fingerprint.ts'
import type { Keys } from './keys.ts'
import { type EntryToAppend, parseEntry, type RecordEntry, recordSchemaVersion } from './record-entry.ts'
import { fromRedis } from './redis.ts'

/** The end of a chain: its newest entry's place and hash. */
export interface Head {
  readonly seq: number
  readonly hash: string
}

/**
 * The append-only record of a service beside its rollouts' ledgers: every command with what became of it, refusals too. Every
 * method throws `ledger-unavailable` when Redis does not answer.
 */
export interface ServiceRecord {
  /** The entry of this id; null when there is none. */
  find(id: string): Promise<RecordEntry | null>
  /** Puts an entry on record, once an id; returns the entry as it stands there. */
  append(entry: EntryToAppend): Promise<RecordEntry>
  /** Null while the record is empty. */
  head(): Promise<Head | null>
}

/** Another process may be first again and again, but not so often. */
const tries = 100

const append = `
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1 then return 'known' end
local length = redis.call('LLEN', KEYS[1])
local removed = tonumber(redis.call('GET', KEYS[3]) or '0')
if length + removed + 1 ~= tonumber(ARGV[2]) then return 'conflict' end
-- What is appended hangs on this very line.
if length > 0 and redis.sha1hex(redis.call('LINDEX', KEYS[1], -1)) ~= ARGV[3] then return 'conflict' end
redis.call('RPUSH', KEYS[1], ARGV[4])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
return 'appended'`

const outcome = z.enum(['known', 'conflict', 'appended'])
const count = z.coerce.number().int()

/** The record in Redis: a list, the place of each id, and how many entries were removed from its beginning. */
export function createRecord(
  redis: Redis,
  service: string,
  keys: Keys,
  durable: () => Promise<void> = async () => undefined,
): ServiceRecord {
  const removed = async () => count.parse((await redis.get(keys.recordRemoved)) ?? 0)

  async function find(id: string): Promise<RecordEntry | null> {
    const seq = await redis.hget(keys.recordIds, id)
    if (seq === null) return null
    const line = await redis.lindex(keys.record, count.parse(seq) - 1 - (await removed()))
    return line === null ? null : parseEntry(JSON.parse(line))
  }

  /** Null: another process was first. */
  async function attempt(entry: EntryToAppend): Promise<RecordEntry | null> {
    const last = (await redis.lindex(keys.record, -1)) ?? undefined
    const seq = (await redis.llen(keys.record)) + (await removed()) + 1
    const [linked] = chained([{ v: recordSchemaVersion, service, seq, ...entry } as const], headAfter(last))
    const names = [keys.record, keys.recordIds, keys.recordRemoved]
    const line = JSON.stringify(linked)
    const result = outcome.parse(
      await redis.eval(append, names.length, ...names, entry.id, seq, fingerprint(last ?? ''), line),
    )
    if (result === 'conflict') return null
    await durable()
    return result === 'known' ? find(entry.id) : parseEntry(JSON.parse(line))
  }

  return {
    find: (id) => fromRedis(() => find(id)),
    async append(entry) {
      for (let i = 0; i < tries; i++) {
        const done = await fromRedis(() => attempt(entry))
        if (done !== null) return done
      }
      throw new SlipwayError('ledger-conflict', { rollout: `${service}/record` })
    },
    head: () =>
      fromRedis(async () => {
        const [line, length, before] = await Promise.all([
          redis.lindex(keys.record, -1),
          redis.llen(keys.record),
          removed(),
        ])
        return line === null ? null : { seq: length + before, hash: headAfter(line) }
      }),
  }
}
