import { setImmediate } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import { checkChain } from '../../src/ledger/chain.ts'
import { connect } from '../../src/ledger/connect.ts'
import { keysOf } from '../../src/ledger/keys.ts'
import { createRecord } from '../../src/ledger/record.ts'
import type { EntryToAppend } from '../../src/ledger/record-entry.ts'
import { createRecordLater } from '../../src/ledger/record-later.ts'
import { useRedis } from './use-redis.ts'

let redis: Redis
const server = useRedis((client) => {
  redis = client
})

const by = { id: 'U1', name: 'ann', via: 'slack' } as const
const asked = (id: string, at = 1): EntryToAppend => ({
  ...{ type: 'asked', id, at, by, from: { via: 'command', channel: 'C1' }, ask: { kind: 'status' } },
  ...{ outcome: 'done', answer: 'soaking' },
})
const linesOf = (service: string) => redis.lrange(keysOf(service).record, 0, -1)

test('an entry is on record once, however often it is appended, and is found by its id', async () => {
  const record = createRecord(redis, 'once', keysOf('once'))
  expect(await record.head()).toBeNull()
  expect(await record.find('a')).toBeNull()
  const first = await record.append(asked('a'))
  await record.append(asked('b'))
  expect(await record.append({ ...asked('a'), at: 2 })).toEqual(first)
  expect(await record.find('a')).toEqual(first)
  expect(await record.find('b')).toMatchObject({ seq: 2, prev: first.hash })
  expect(await record.head()).toMatchObject({ seq: 2 })
  expect(await linesOf('once')).toHaveLength(2)
})

test('processes that append at once never fork the chain, and a doubled one is taken once', async () => {
  const processes = Array.from({ length: 8 }, () => new Redis(server.url()))
  await Promise.all(
    processes.map(async (own, number) => {
      const record = createRecord(own, 'fork', keysOf('fork'))
      for (let i = 0; i < 20; i++) await record.append(asked(i % 2 === 0 ? `${number}/${i}` : `shared/${i}`))
    }),
  )
  for (const own of processes) own.disconnect()
  const lines = await linesOf('fork')
  expect(lines).toHaveLength(8 * 10 + 10)
  expect(checkChain(lines)).toMatchObject({ from: 1, broken: [] })
  expect(lines.map((line) => JSON.parse(line).seq)).toEqual(lines.map((_, i) => i + 1))
})

test('the record goes on behind a line that cannot be read, and the chain says so', async () => {
  const record = createRecord(redis, 'mangled', keysOf('mangled'))
  await record.append(asked('a'))
  await redis.lset(keysOf('mangled').record, 0, '{"half')
  await record.append(asked('b'))
  expect(checkChain(await linesOf('mangled')).broken).toEqual([])
  await record.append(asked('c'))
  await redis.lset(keysOf('mangled').record, 1, '{"half')
  expect(checkChain(await linesOf('mangled')).broken.map(({ place }) => place)).toEqual([3])
})

test('an answer that was recorded but not heard of is known when it is tried again', async () => {
  const deaf = new Redis(server.url())
  const evaluate = deaf.eval.bind(deaf)
  const unheard = async (script: string, keys: number, ...rest: string[]) => {
    await evaluate(script, keys, ...rest)
    throw new Error('connection lost')
  }
  Object.assign(deaf, { eval: unheard })
  const one = createRecord(deaf, 'deaf', keysOf('deaf'))
  await expect(one.append(asked('a'))).rejects.toMatchObject({ code: 'ledger-unavailable' })
  const other = createRecord(redis, 'deaf', keysOf('deaf'))
  expect(await other.append(asked('a'))).toMatchObject({ seq: 1 })
  expect(await linesOf('deaf')).toHaveLength(1)
  deaf.disconnect()
})

test('while Redis is away it says so', async () => {
  const away = connect('redis://127.0.0.1:1', 'calls')
  const record = createRecord(away, 'away', keysOf('away'))
  await expect(record.append(asked('a'))).rejects.toMatchObject({ code: 'ledger-unavailable' })
  away.disconnect()
})

test('what was answered while Redis was away is on record in order when it is back', async () => {
  const record = createRecord(redis, 'later', keysOf('later'))
  let away = true
  const later = createRecordLater(
    {
      append: (entry) =>
        away ? Promise.reject(new SlipwayError('ledger-unavailable', { after: 1_000 })) : record.append(entry),
    },
    { wait: async () => void (await setImmediate()) },
  )
  later(asked('a'))
  later(asked('b'))
  await setImmediate()
  expect(await record.head()).toBeNull()
  away = false
  later(asked('c'))
  await expect.poll(async () => (await linesOf('later')).map((line) => JSON.parse(line).id)).toEqual(['a', 'b', 'c'])
})
