import type { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { keepFor } from '../src/keep-for.ts'
import { keysOf } from '../src/ledger/keys.ts'
import { createLeases } from '../src/ledger/leases.ts'
import { createRecord } from '../src/ledger/record.ts'
import { createFakeWorld } from './jobs/fake-world.ts'
import { useRedis } from './ledger/use-redis.ts'

let redis: Redis
useRedis((client) => {
  redis = client
})

const keys = keysOf('kept')
const minute = 60_000
const asked = { type: 'asked', by: { id: 'U1', name: 'ann', via: 'slack' }, outcome: 'done', answer: '' } as const

test('what could not be removed is tried again after a minute, and what could be after an hour', async () => {
  const world = createFakeWorld()
  const record = createRecord(redis, 'kept', keys)
  for (const id of ['w1', 'w2', 'w3']) await record.append({ ...asked, id, at: 1, ask: { kind: 'status' } })
  world.time = world.config.record.keepFor + 2
  /** When a removal was to go on record, in minutes from the beginning; the first one does not come off. */
  const tried: number[] = []
  let waited = 0
  const stop = new AbortController()
  const parts = {
    ...world,
    leases: createLeases(redis, keys, world.newId),
    record: {
      ...record,
      async append(...entry: Parameters<typeof record.append>) {
        tried.push(waited)
        if (tried.length === 1) throw new Error('no room')
        // What can be removed next.
        const appended = await record.append(...entry)
        await record.append({ ...asked, id: `more-${waited}`, at: 1, ask: { kind: 'status' } })
        return appended
      },
    },
    clock: {
      now: () => world.time,
      async wait(ms: number) {
        world.time += ms
        waited += ms / minute
        // Redis lets go of a lease by its own clock.
        for (const key of await redis.keys(keys.lease('*'))) {
          const left = (await redis.pttl(key)) - ms
          if (left > 0) await redis.pexpire(key, left)
          else await redis.del(key)
        }
        if (waited > 62) stop.abort()
      },
    },
  }
  await keepFor(parts, redis, keys, stop.signal)
  expect(world.errors).toEqual([expect.stringContaining('could not be removed')])
  expect(tried).toEqual([0, 1, 61])
})
