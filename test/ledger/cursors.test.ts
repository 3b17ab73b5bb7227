import type { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { createCursors } from '../../src/ledger/cursors.ts'
import { keysOf } from '../../src/ledger/keys.ts'
import { useRedis } from './use-redis.ts'

let redis: Redis
useRedis((client) => {
  redis = client
})

test('a cursor begins at nothing, and only ever rises but for its own undo', async () => {
  const cursors = createCursors(redis, keysOf('cursors'))
  const at = () => cursors.get(1, 'thread')
  expect(await at()).toEqual({ done: 0, begun: 0, begunAt: 0 })
  await cursors.begin(1, 'thread', 3, 500)
  await cursors.begin(1, 'thread', 2, 900)
  expect(await at()).toEqual({ done: 0, begun: 3, begunAt: 500 })
  await redis.rpush(keysOf('cursors').events(1), '{"hash":"a"}', '{"hash":"b"}', '{"hash":"c"}')
  expect(await cursors.finish(1, 'thread', { version: 3, hash: 'c' })).toBe(3)
  await cursors.finish(1, 'thread', { version: 1, hash: 'a' })
  await cursors.begin(1, 'thread', 5, 1_000)
  await cursors.undo(1, 'thread', { version: 5, at: 999 }, { begun: 3, begunAt: 500 })
  expect(await at()).toEqual({ done: 3, begun: 5, begunAt: 1_000 })
  await cursors.undo(1, 'thread', { version: 5, at: 1_000 }, { begun: 3, begunAt: 500 })
  expect(await at()).toEqual({ done: 3, begun: 3, begunAt: 500 })
  expect(await cursors.get(1, 'paging')).toEqual({ done: 0, begun: 0, begunAt: 0 })
  expect(await cursors.done(1, ['paging', 'thread'])).toEqual([0, 3])
})

test('what was shown of events that the ledger has lost leaves the cursor where it is', async () => {
  const keys = keysOf('lost')
  const cursors = createCursors(redis, keys)
  await cursors.finish(1, 'thread', { version: 1, hash: 'a' })
  expect(await cursors.get(1, 'thread')).toMatchObject({ done: 0 })
  await redis.rpush(keys.events(1), '{"hash":"another"}', '{"type":"written before there were chains"}')
  expect(await cursors.finish(1, 'thread', { version: 1, hash: 'a1' })).toBe(2)
  await cursors.finish(1, 'thread', { version: 3, hash: 'a' })
  expect(await cursors.get(1, 'thread')).toMatchObject({ done: 0 })
  await cursors.finish(1, 'thread', { version: 1, hash: 'another' })
  await cursors.finish(1, 'thread', { version: 2 })
  expect(await cursors.get(1, 'thread')).toMatchObject({ done: 2 })
})

test('what is begun counts once it is durable', async () => {
  const cursors = createCursors(redis, keysOf('durable'), () => Promise.reject(new Error('in doubt')))
  await expect(cursors.begin(1, 'thread', 1, 1)).rejects.toThrow('in doubt')
})
