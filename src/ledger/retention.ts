import type { Redis } from 'ioredis'
import { z } from 'zod'
import { headAfter } from './chain.ts'
import type { Keys } from './keys.ts'
import type { ServiceRecord } from './record.ts'
import { beforeStart } from './record-lines.ts'
import { fromRedis } from './redis.ts'

const count = z.coerce.number().int()
const dated = z.object({ id: z.string().exactOptional(), at: z.number() })

/** A removal on record, as the highest rollout that it tells of. */
const removal = z.union([
  z
    .object({ type: z.literal('rollout-removed'), ended: z.object({ rollout: z.number() }) })
    .transform(({ ended }) => ended.rollout),
  z.object({ type: z.literal('entries-removed'), rolloutsTo: z.number() }).transform(({ rolloutsTo }) => rolloutsTo),
])

/** Entries that are looked at in one round, at most. */
const atOnce = 1_000

// Nothing may have come since: the rollout is closed, and its ledger as long as it was when its removal went on record.
const removeRollout = `
if redis.call('LLEN', KEYS[1]) ~= tonumber(ARGV[1]) or redis.call('SISMEMBER', KEYS[6], ARGV[2]) == 1 then return 0 end
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5])
redis.call('SET', KEYS[7], tonumber(ARGV[2]) + 1)
return 1`

const removeEntries = `
if tonumber(redis.call('GET', KEYS[3]) or '0') ~= tonumber(ARGV[1]) then return 0 end
local number = tonumber(ARGV[2])
redis.call('LTRIM', KEYS[1], number, -1)
redis.call('SET', KEYS[3], tonumber(ARGV[1]) + number)
for i = 3, #ARGV do redis.call('HDEL', KEYS[2], ARGV[i]) end
return 1`

interface Options {
  readonly redis: Redis
  readonly keys: Keys
  readonly record: Pick<ServiceRecord, 'append'>
  /** What ended before this (ms) goes. */
  readonly before: number
  /** ms since 1970. */
  readonly now: number
}

/**
 * Removes what has been kept for long enough, oldest first: the ledgers of closed rollouts but the newest, and the record's
 * entries but the last, and but those since a day before the oldest open rollout's start, which are still to be written with it.
 * Each removal is on record, with the hash it ends with, before it is done: the chain goes on from there. Removals on record go
 * with their age, too; which rollouts they told of is told anew by the removal that takes them. Repeatable. Returns what was removed.
 */
export async function removeOld(options: Options): Promise<{ readonly rollouts: number; readonly entries: number }> {
  return { rollouts: await oldRollouts(options), entries: await oldEntries(options) }
}

async function oldRollouts({ redis, keys, record, before, now }: Options): Promise<number> {
  const latest = count.parse((await fromRedis(() => redis.get(keys.latest))) ?? 0)
  let rollout = count.parse((await fromRedis(() => redis.get(keys.oldest))) ?? 1)
  let done = 0
  for (; rollout < latest; rollout++) {
    const names = [keys.events, keys.cursors, keys.readings, keys.observed, keys.alerts].map((of) => of(rollout))
    const [line, length] = await fromRedis(() =>
      Promise.all([redis.lindex(keys.events(rollout), -1), redis.llen(keys.events(rollout))]),
    )
    if (line === null) continue
    const at = endOf(line)?.at
    const isOpen = (await fromRedis(() => redis.sismember(keys.open, rollout))) === 1
    if (isOpen || at === undefined || at >= before) break
    const ended = { rollout, version: length, hash: headAfter(line) }
    await record.append({ type: 'rollout-removed', id: `rollout-removed/${rollout}`, at: now, ended })
    const all = [...names, keys.open, keys.oldest]
    if ((await fromRedis(() => redis.eval(removeRollout, all.length, ...all, length, rollout))) !== 1) break
    done++
  }
  return done
}

async function oldEntries({ redis, keys, record, before, now }: Options): Promise<number> {
  const [removed, lines, length] = await fromRedis(() =>
    Promise.all([redis.get(keys.recordRemoved), redis.lrange(keys.record, 0, atOnce - 1), redis.llen(keys.record)]),
  )
  const ends = lines.map(endOf)
  const until = Math.min(before, (await oldestStart(redis, keys)) - beforeStart)
  const young = ends.findIndex((end) => end === null || end.at >= until)
  const number = Math.min(young < 0 ? lines.length : young, length - 1)
  if (number <= 0) return 0
  const gone = count.parse(removed ?? 0)
  const seq = gone + number
  const ended = { seq, hash: headAfter(lines[number - 1]) }
  const rollouts = lines.slice(0, number).flatMap((line) => removal.safeParse(JSON.parse(line)).data ?? [])
  const rolloutsTo = rollouts.length > 0 ? { rolloutsTo: Math.max(...rollouts) } : {}
  await record.append({ type: 'entries-removed', id: `entries-removed/${seq}`, at: now, ended, ...rolloutsTo })
  const ids = ends.slice(0, number).flatMap((end) => end?.id ?? [])
  const names = [keys.record, keys.recordIds, keys.recordRemoved]
  const done = await fromRedis(() => redis.eval(removeEntries, names.length, ...names, gone, number, ...ids))
  return done === 1 ? number : 0
}

/** When the first of the open rollouts began (ms); infinite when none is open. What is not written to the sink is open, too. */
async function oldestStart(redis: Redis, keys: Keys): Promise<number> {
  const open = await fromRedis(() => redis.smembers(keys.open))
  const first = await fromRedis(() => Promise.all(open.map((one) => redis.lindex(keys.events(count.parse(one)), 0))))
  return Math.min(...first.flatMap((line) => (line === null ? [] : (endOf(line)?.at ?? Number.NEGATIVE_INFINITY))))
}

/** When a line was written, and its id; null when it can't be read: then it stays. */
function endOf(line: string): z.infer<typeof dated> | null {
  try {
    return dated.parse(JSON.parse(line))
  } catch {
    return null
  }
}
