import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Keeper, startKeeper } from '../../src/sandbox/keeper.ts'
import { type RedisSet, startRedisSet } from '../../src/sandbox/sentinel.ts'

/** A failover takes some seconds, and begins anew where the machine was too busy for it. */
const patience = { timeout: 90_000 }

let dir: string
let keeper: Keeper
let set: RedisSet
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-sentinel-'))
  keeper = startKeeper(dir)
  set = await startRedisSet(dir, keeper)
})
afterAll(async () => {
  await set?.stop()
  await keeper.finish()
  await rm(dir, { recursive: true, force: true })
})

async function withMaster<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(await set.master(), '127.0.0.1')
  try {
    return await work(redis)
  } finally {
    redis.disconnect()
  }
}

test('a master that is killed is replaced, what a replica had is kept, and all is whole again after mending', async () => {
  const before = await set.master()
  await withMaster((redis) => redis.pipeline().set('kept', 'yes').wait(1, 5_000).exec())
  await set.killMaster()
  await expect.poll(() => set.master(), patience).not.toBe(before)
  expect(await withMaster((redis) => redis.get('kept'))).toBe('yes')
  await withMaster((redis) => redis.set('later', 'too'))
  await set.mend()
  await expect.poll(() => withMaster((redis) => redis.wait(1, 1_000)), patience).toBe(1)
  const replica = new Redis(before, '127.0.0.1')
  await expect.poll(() => replica.get('later'), patience).toBe('too')
  replica.disconnect()
}, 240_000)

test('a failover that is asked for swaps the two', async () => {
  const before = await set.master()
  await set.failOver()
  await expect.poll(() => set.master(), patience).not.toBe(before)
  await set.mend()
  expect(await withMaster((redis) => redis.info('replication'))).toMatch(/role:master/)
}, 240_000)

test('its address names every sentinel, or those that stand before them', () => {
  const [one, two, three] = set.sentinels
  expect(set.url()).toBe(`redis+sentinel://127.0.0.1:${one},127.0.0.1:${two},127.0.0.1:${three}/slipway`)
  expect(set.url([1, 2])).toBe('redis+sentinel://127.0.0.1:1,127.0.0.1:2/slipway')
})
