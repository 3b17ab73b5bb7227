import { readdirSync, readFileSync } from 'node:fs'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { chained, chainStart, checkChain, headAfter } from '../../src/ledger/chain.ts'
import { keysOf } from '../../src/ledger/keys.ts'
import { createRedisLedger } from '../../src/ledger/redis-ledger.ts'
import { parseEvent, schemaVersion } from '../../src/rollout/events.ts'
import { useRedis } from './use-redis.ts'

let redis: Redis
const server = useRedis((client) => {
  redis = client
})

const entries = [{ at: 1, what: 'one' }, { at: 2, what: 'two' }, { at: 3, what: 'three' }, { what: 'four' }]
const linesOf = (list: readonly object[]) => list.map((entry) => JSON.stringify(entry))
const whole = linesOf(chained(entries, chainStart))
const edit = (line = '', change: object) => JSON.stringify({ ...JSON.parse(line), ...change })

test('a chain that nobody touched fits, whatever the order of its keys', () => {
  const turned = whole.map((line) => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(line)).reverse())))
  for (const lines of [whole, turned]) expect(checkChain(lines)).toMatchObject({ from: 1, broken: [] })
  expect(checkChain(whole).hashes.at(-1)).toBe(headAfter(whole.at(-1)))
  expect(checkChain([])).toEqual({ from: null, broken: [], hashes: [] })
})

test('an entry that was edited, taken out, moved or put in is named', () => {
  const [a = '', b = '', c = '', d = ''] = whole
  const places = (lines: readonly string[]) => checkChain(lines).broken.map(({ place }) => place)
  expect(places([a, edit(b, { what: 'too' }), c, d])).toEqual([2])
  expect(places([a, edit(b, { more: 1 }), c, d])).toEqual([2])
  expect(places([a, c, d])).toEqual([2])
  expect(places([b, c, d])).toEqual([1])
  expect(places([a, c, b, d])).toEqual([2, 3, 4])
  expect(places([a, b, JSON.stringify({ what: 'put in' }), c, d])).toEqual([3, 4])
  expect(places([a, 'no JSON', c, d])).toEqual([2, 3])
  // Its own hash made anew: the next one still hangs on the old one.
  const [again] = linesOf(chained([{ at: 2, what: 'too' }], headAfter(a)))
  expect(places([a, again ?? '', c, d])).toEqual([3])
})

test('what stands before the first chained entry was written without a chain; the first one hangs on it', () => {
  const old = linesOf(entries.slice(0, 2))
  const lines = [...old, ...linesOf(chained(entries.slice(2), headAfter(old.at(-1))))]
  expect(checkChain(lines)).toMatchObject({ from: 3, broken: [] })
  const [a = '', b = '', ...rest] = lines
  expect(checkChain([a, edit(b, { what: 'too' }), ...rest]).broken.map(({ place }) => place)).toEqual([3])
})

const directory = new URL('versions/1/', import.meta.url)
test.each(readdirSync(directory))('a ledger of schema 1 goes on chained: %s', async (file) => {
  const lines = readFileSync(new URL(file, directory), 'utf8').trimEnd().split('\n')
  const { service, rollout } = parseEvent({ ...JSON.parse(lines[0] ?? ''), v: schemaVersion })
  const keys = keysOf(file)
  await redis.rpush(keys.events(rollout), ...lines)
  const ledger = createRedisLedger(redis, service, keys)
  const next = { type: 'sight-regained', since: 1, v: schemaVersion, service, rollout, at: 1, command: 'c' } as const
  const version = lines.length + 1
  const appended = await ledger.append(
    rollout,
    lines.length,
    [
      { ...next, version },
      { ...next, version: version + 1 },
    ],
    true,
  )
  expect(appended).toMatchObject([{ prev: headAfter(lines.at(-1)) }, {}])
  const now = await redis.lrange(keys.events(rollout), 0, -1)
  expect(now.slice(0, -2)).toEqual(lines)
  expect(checkChain(now)).toMatchObject({ from: version, broken: [] })
})

test('processes that append at once never fork the chain', async () => {
  const keys = keysOf('fork')
  const next = { type: 'sight-regained', since: 1, v: schemaVersion, service: 'fork', rollout: 1, at: 1 } as const
  const processes = await Promise.all(
    Array.from({ length: 6 }, async (_, number) => {
      const own = new Redis(server.url())
      return { number, own, ledger: createRedisLedger(own, 'fork', keys) }
    }),
  )
  const appends = processes.map(async ({ number, ledger }) => {
    for (let done = 0; done < 20; ) {
      const version = (await ledger.read(1, 0)).length
      const events = [1, 2].map((more) => ({ ...next, version: version + more, command: `${number}/${done}` }))
      if (typeof (await ledger.append(1, version, events, true)) !== 'string') done++
    }
  })
  await Promise.all(appends)
  for (const { own } of processes) own.disconnect()
  const lines = await redis.lrange(keys.events(1), 0, -1)
  expect(lines).toHaveLength(6 * 20 * 2)
  expect(checkChain(lines)).toMatchObject({ from: 1, broken: [] })
})

test('an append that hangs on another line than the last is a conflict', async () => {
  const keys = keysOf('moved')
  const next = { type: 'sight-regained', since: 1, v: schemaVersion, service: 'moved', rollout: 1, at: 1 } as const
  const ledger = createRedisLedger(redis, 'moved', keys)
  await ledger.append(1, 0, [{ ...next, version: 1, command: 'a' }], true)
  // Between the look at the last line and the append, Redis comes back with another one of the same length.
  const lindex = redis.lindex.bind(redis)
  const swapping = new Redis(server.url())
  swapping.lindex = async (key: string, index: number) => {
    const line = await lindex(key, index)
    await redis.lset(key, 0, JSON.stringify({ ...next, version: 1, command: 'b' }))
    return line
  }
  const append = createRedisLedger(swapping, 'moved', keys).append(1, 1, [{ ...next, version: 2, command: 'c' }], true)
  expect(await append).toBe('conflict')
  swapping.disconnect()
})
