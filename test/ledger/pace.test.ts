import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { connect } from '../../src/ledger/connect.ts'
import { keysOf } from '../../src/ledger/keys.ts'
import { createPace, type Pace, type Turn, turns, waitForTurn } from '../../src/ledger/pace.ts'
import { testRedis } from './redis-server.ts'

let server: Awaited<ReturnType<typeof testRedis>>
const connections: Redis[] = []
beforeAll(async () => {
  server = await testRedis()
})
afterAll(async () => {
  for (const connection of connections) connection.disconnect()
  await server.stop()
})

/** The pace of a service of the test's own, as one process has it. */
function paceOf(service: string): Pace {
  const redis = new Redis(server.redis.url)
  connections.push(redis)
  return createPace(redis, keysOf(service))
}

/** Turns that were had in a row, one after the other, and how long the next one takes. */
async function inARow(pace: Pace, turn: Turn): Promise<{ had: number; wait: number }> {
  for (let had = 0; ; had++) {
    const wait = await pace.take(turn)
    if (wait > 0) return { had, wait }
  }
}

test('posts come a few at once, then one a second, all processes together', async () => {
  const [one, other] = [paceOf('posts'), paceOf('posts')]
  expect([await one.take('post'), await other.take('post')]).toEqual([0, 0])
  expect((await inARow(one, 'post')).had).toBe(3)
  for (const pace of [one, other]) {
    const wait = await pace.take('post')
    expect(wait).toBeGreaterThan(0)
    expect(wait).toBeLessThanOrEqual(turns.post.every)
  }
  await expect.poll(() => other.take('post'), { timeout: 3_000, interval: 50 }).toBe(0)
  expect(await one.take('post')).toBeGreaterThan(0)
})

test('the card leaves two edits to others', async () => {
  const pace = paceOf('edits')
  expect((await inARow(pace, 'card')).had).toBe(1)
  expect((await inARow(pace, 'edit')).had).toBe(2)
})

test('several turns are taken together, or none of them', async () => {
  const pace = paceOf('together')
  expect((await inARow(pace, 'post')).had).toBe(5)
  expect(await pace.take('edit', 'post')).toBeGreaterThan(0)
  expect((await inARow(pace, 'edit')).had).toBe(3)
  expect(await pace.take('post', 'edit')).toBeGreaterThan(turns.post.every / 2)
})

test('a pause that Slack asks for holds for all, and for one kind alone', async () => {
  const [one, other] = [paceOf('pause'), paceOf('pause')]
  await one.hold('post', 60_000)
  const wait = await other.take('post')
  expect(wait).toBeGreaterThan(55_000)
  expect(wait).toBeLessThanOrEqual(60_000)
  // A shorter one that is heard of later ends nothing.
  await one.hold('post', 1_000)
  expect(await other.take('post')).toBeGreaterThan(55_000)
  expect(await other.take('edit')).toBe(0)
  await one.hold('post', 86_400_000)
  expect(await other.take('post')).toBeLessThanOrEqual(300_000)
})

test('whoever waits for a turn gets it', async () => {
  const pace = paceOf('waiting')
  await inARow(pace, 'post')
  await waitForTurn(pace, systemClock, 'post')
  expect(await pace.take('post')).toBeGreaterThan(0)
})

test('while Redis is away there is no turn, and that is said', async () => {
  const away = connect('redis://127.0.0.1:1', 'calls')
  await expect(createPace(away, keysOf('away')).take('post')).rejects.toMatchObject({ code: 'ledger-unavailable' })
  away.disconnect()
})
