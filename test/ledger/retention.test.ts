import { Redis } from 'ioredis'
import { beforeEach, expect, test } from 'vitest'
import { audit } from '../../src/cli/audit.ts'
import { chained } from '../../src/ledger/chain.ts'
import { ledgerHeadText } from '../../src/ledger/head-text.ts'
import { keysOf } from '../../src/ledger/keys.ts'
import { createRecord } from '../../src/ledger/record.ts'
import { createRedisLedger } from '../../src/ledger/redis-ledger.ts'
import { removeOld } from '../../src/ledger/retention.ts'
import { type Event, schemaVersion } from '../../src/rollout/events.ts'
import { useRedis } from './use-redis.ts'

let redis: Redis
const server = useRedis((client) => {
  redis = client
})

const service = 'kept'
const keys = keysOf(service)
const ledger = () => createRedisLedger(redis, service, keys)
const record = () => createRecord(redis, service, keys)
const event = (rollout: number, version: number, at: number) =>
  ({ type: 'sight-regained', since: 1, v: schemaVersion, service, rollout, version, at, command: 'c' }) as const
const asked = { type: 'asked', by: { id: 'U1', name: 'ann', via: 'slack' }, outcome: 'done', answer: '' } as const

/** Four rollouts of two events each, ended at 100, 200, 300 and 400; an entry of the record beside each. */
beforeEach(async () => {
  await redis.flushall()
  for (const rollout of [1, 2, 3, 4]) {
    await ledger().append(rollout, 0, [event(rollout, 1, rollout * 100 - 50), event(rollout, 2, rollout * 100)], false)
    await ledger().close(rollout, 2)
    await record().append({ ...asked, id: `w${rollout}`, at: rollout * 100, ask: { kind: 'status' } })
  }
})

const remove = (before: number, now = 1_000) => removeOld({ redis, keys, record: record(), before, now })
const left = async () => (await Promise.all([1, 2, 3, 4].map((n) => redis.exists(keys.events(n))))).join('')
/** The types of what is on record, with the rollout that a removal tells of. */
const onRecord = async () =>
  (await redis.lrange(keys.record, 0, -1)).map((line) => {
    const { type, ended, rolloutsTo } = JSON.parse(line)
    return [type, ended?.rollout ?? rolloutsTo ?? []].flat().join(' ')
  })
const ended = (last: Event | undefined) => {
  if (last?.hash === undefined) throw new Error('not chained')
  return { rollout: last.rollout, version: last.version, hash: last.hash }
}
const verify = (head?: string) =>
  audit({
    ...{ verify: true, format: 'text', service, config: '', now: 1, redisUrl: () => server.url() },
    ...{ pause: async () => undefined, slack: () => null, ...(head && { head }) },
  })
const findings = async () => (await verify()).lines.flatMap((line) => /^ {2}([^(].*)/.exec(line)?.[1] ?? [])

test('what is older goes, with all that stood beside it, and the chains still fit', async () => {
  await redis.hset(keys.cursors(1), 'journal:done', 2)
  await redis.zadd(keys.alerts(1), 1, 'f00')
  const [, last] = await ledger().read(1, 0)
  expect(await remove(250)).toEqual({ rollouts: 2, entries: 2 })
  expect(await left()).toBe('0011')
  expect(await redis.exists(keys.cursors(1), keys.alerts(1))).toBe(0)
  expect((await redis.lrange(keys.record, 0, -1)).map((line) => JSON.parse(line).seq)).toEqual([3, 4, 5, 6, 7])
  expect(await redis.hkeys(keys.recordIds)).not.toContain('w1')
  // The head of a rollout that was removed is on record with its removal.
  const head = last?.hash === undefined ? '' : ledgerHeadText(last, last.hash)
  expect(await verify(head)).toMatchObject({ exit: 0 })
  expect((await verify(head.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')))).exit).toBe(3)
  await record().append({ ...asked, id: 'w5', at: 500, ask: { kind: 'status' } })
  expect(await remove(250)).toEqual({ rollouts: 0, entries: 0 })
  expect(await remove(350)).toEqual({ rollouts: 1, entries: 1 })
  expect((await verify()).lines.join('\n')).not.toMatch(/NOT WHOLE/)
})

test('a rollout is not missing when the entry of its removal has grown old and gone, too', async () => {
  const [, last] = await ledger().read(1, 0)
  const head = last?.hash === undefined ? '' : ledgerHeadText(last, last.hash)
  await record().append({ ...asked, id: 'w5', at: 500, ask: { kind: 'status' }, led: ended(last) })
  await remove(250, 1_000)
  await remove(1_001, 2_000)
  await record().append({ ...asked, id: 'w6', at: 2_500, ask: { kind: 'status' }, led: ended(last) })
  expect(await onRecord()).toEqual(['rollout-removed 3', 'entries-removed 2', 'asked'])
  expect((await verify(head)).exit).toBe(3)

  // The entry that carried it goes as well, and then one that had nothing but that to carry.
  await remove(2_001, 3_000)
  await record().append({ ...asked, id: 'w7', at: 3_500, ask: { kind: 'status' } })
  expect(await onRecord()).toEqual(['asked', 'entries-removed 3', 'asked'])
  await remove(3_001, 4_000)
  expect(await onRecord()).toEqual(['asked', 'entries-removed 3'])
  expect((await verify(head)).exit).toBe(3)
  await redis.del(keys.events(4))
  expect(await findings()).toEqual(['Rollout 4 is missing.'])
})

test('an entry that does not tell which rollouts went excuses none', async () => {
  await remove(250)
  await record().append({ ...asked, id: 'w5', at: 1_500, ask: { kind: 'status' } })
  const entries = (await redis.lrange(keys.record, 0, -1)).map((line) => JSON.parse(line))
  const older = chained(
    [{ ...entries.at(-1), type: 'entries-removed', ended: { seq: 7, hash: entries.at(-2).hash } }],
    entries.at(-2).hash,
  )
  await redis.del(keys.record)
  await redis.rpush(keys.record, ...older.map((entry) => JSON.stringify(entry)))
  await redis.set(keys.recordRemoved, 7)
  expect(await findings()).toEqual(['Rollout 1 is missing.', 'Rollout 2 is missing.'])
})

test('the newest rollout, the last entry, and all from an open rollout on stay', async () => {
  await redis.sadd(keys.open, 2)
  expect(await remove(10_000)).toMatchObject({ rollouts: 1 })
  expect(await left()).toBe('0111')
  await redis.srem(keys.open, 2)
  expect(await remove(10_000)).toMatchObject({ rollouts: 2 })
  expect(await left()).toBe('0001')
  expect(await redis.llen(keys.record)).toBeGreaterThan(0)
})

test('entries stay from a day before the start of the oldest rollout that is open', async () => {
  await redis.flushall()
  const day = 24 * 3_600_000
  for (const [rollout, start] of [2 * day, 4 * day].entries()) {
    await ledger().append(rollout + 1, 0, [event(rollout + 1, 1, start)], false)
    for (const at of [start - day - 1, start - day])
      await record().append({ ...asked, id: `w${at}`, at, ask: { kind: 'status' } })
  }
  const places = async () => (await redis.lrange(keys.record, 0, -1)).map((line) => JSON.parse(line).seq)
  expect(await remove(10 * day, 10 * day)).toEqual({ rollouts: 0, entries: 1 })
  expect(await places()).toEqual([2, 3, 4, 5])
  await ledger().close(1, 1)
  await remove(10 * day, 10 * day)
  expect((await places())[0]).toBe(4)
})

test('a crash between the removal on record and the removal is made up for', async () => {
  const cut = new Error('crash')
  const broken = new Redis(server.url())
  Object.assign(broken, { eval: () => Promise.reject(cut) })
  const options = { redis: broken, keys, record: record(), before: 150, now: 900 }
  await expect(removeOld(options)).rejects.toMatchObject({ code: 'ledger-unavailable' })
  expect(await left()).toBe('1111')
  expect((await verify()).exit).toBe(3)
  expect(await remove(150)).toEqual({ rollouts: 1, entries: 1 })
  const types = (await redis.lrange(keys.record, 0, -1)).map((line) => JSON.parse(line).type)
  expect(types.filter((type) => type === 'rollout-removed')).toHaveLength(1)
  expect((await verify()).exit).toBe(3)
  broken.disconnect()
})

test('a ledger that is only said to be removed is missing', async () => {
  await redis.del(keys.events(2))
  expect((await verify()).lines.join('\n')).toMatch(/Rollout 2 is missing/)
})
