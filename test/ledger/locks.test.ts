import type { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { keysOf } from '../../src/ledger/keys.ts'
import { createLocks, type Locks } from '../../src/ledger/locks.ts'
import type { Lock } from '../../src/rollout/hold.ts'
import { createMemoryLocks, type LockData } from './memory-locks.ts'
import { useRedis } from './use-redis.ts'

let redis: Redis
useRedis((client) => {
  redis = client
})

const by = { id: 'U1', name: 'ann', via: 'slack' } as const
const lockOf = (id: string, at = 1): Lock => ({ id, by, at, reason: 'an incident with "quotes" and <!channel>' })

const kinds: readonly (readonly [string, (service: string) => Locks])[] = [
  ['in Redis', (service) => createLocks(redis, keysOf(service))],
  [
    'in memory',
    () => {
      const data: LockData = { lock: null }
      return createMemoryLocks(() => data)
    },
  ],
]

test.each(kinds)('a lock %s holds until it is lifted, and the first of two is the one', async (_, create) => {
  const locks = create('first')
  expect(await locks.present()).toBeNull()
  expect(await locks.lock(lockOf('a'))).toEqual(lockOf('a'))
  expect(await locks.lock(lockOf('b'))).toEqual(lockOf('a'))
  expect(await locks.present()).toEqual(lockOf('a'))
  expect(await locks.unlock('u', 2)).toEqual(lockOf('a'))
  expect(await locks.present()).toBeNull()
  expect(await locks.unlock('v', 2)).toBeNull()
})

test.each(kinds)('what is carried out again after a crash says the same %s', async (_, create) => {
  const locks = create('again')
  await locks.lock(lockOf('a'))
  expect(await locks.lock(lockOf('a'))).toEqual(lockOf('a'))
  await locks.unlock('u', 2)
  expect(await locks.unlock('u', 2)).toEqual(lockOf('a'))
  // The command that locked does not lock again what somebody has lifted since.
  expect(await locks.lock(lockOf('a'))).toEqual(lockOf('a'))
  expect(await locks.present()).toBeNull()
  expect(await locks.lock(lockOf('b', 3))).toEqual(lockOf('b', 3))
  expect(await locks.present()).toEqual(lockOf('b', 3))
})

test.each(kinds)(
  'who stood still lifts no lock that was set since, and sets none that was lifted since %s',
  async (_, create) => {
    const locks = create('late')
    await locks.lock(lockOf('a', 1))
    await locks.unlock('u', 2)
    await locks.lock(lockOf('b', 3))
    expect(await locks.unlock('u', 2)).toBe('locked-since')
    expect(await locks.present()).toEqual(lockOf('b', 3))
    await locks.unlock('v', 4)
    expect(await locks.lock(lockOf('a', 1))).toBe('unlocked-since')
    expect(await locks.present()).toBeNull()
    expect(await locks.lock(lockOf('c', 5))).toEqual(lockOf('c', 5))
  },
)

test('of ten who lock at once one is first, and all are told who', async () => {
  const all = Array.from({ length: 10 }, (_, i) => createLocks(redis, keysOf('many')).lock(lockOf(`l${i}`)))
  expect(new Set((await Promise.all(all)).map((held) => (held === 'unlocked-since' ? held : held.id))).size).toBe(1)
})

test('a lock that can’t be read holds', async () => {
  await redis.hset(keysOf('odd').lock, { id: 'a', lock: '{' })
  const locks = createLocks(redis, keysOf('odd'))
  expect(await locks.present()).toMatchObject({ reason: expect.stringContaining('can not be read') })
  await locks.unlock('u', 2)
  expect(await locks.present()).toBeNull()
})
