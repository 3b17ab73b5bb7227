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
function paceOf(service: string, speed?: number): Pace {
  const redis = new Redis(server.redis.url)
  connections.push(redis)
  return createPace(redis, keysOf(service), speed)
}

/** Turns that were had in a row, one after the other, and how long the next one takes. */
async function inARow(pace: Pace, turn: Turn): Promise<{ had: number; wait: number }> {
  for (let had = 0; ; had++) {
    const wait = await pace.take(turn)
    if (wait > 0) return { had, wait }
  }
}

/**
 * What comes of a scene that is over before half a turn has come back. Where the machine stood still meanwhile it shows nothing, and is
 * played anew for another service.
 */
async function atOnce<T>(scene: (one: Pace, other: Pace) => Promise<T>): Promise<T> {
  for (;;) {
    const service = `at-once-${connections.length}`
    const [one, other] = [paceOf(service), paceOf(service)]
    await Promise.all(connections.map((connection) => connection.ping()))
    const begun = performance.now()
    const seen = await scene(one, other)
    if (performance.now() - begun < turns.post.every / 2) return seen
  }
}

test('posts come a few at once, then one a second, all processes together', async () => {
  const seen = await atOnce(async (one, other) => {
    const begun = performance.now()
    const first = [await one.take('post'), await other.take('post')]
    const { had } = await inARow(one, 'post')
    return { other, begun, first, had, waits: [await one.take('post'), await other.take('post')] }
  })
  expect(seen).toMatchObject({ first: [0, 0], had: 3 })
  for (const wait of seen.waits) {
    expect(wait).toBeGreaterThan(0)
    expect(wait).toBeLessThanOrEqual(turns.post.every)
  }
  await expect.poll(() => seen.other.take('post'), { interval: 20 }).toBe(0)
  // Redis counts whole milliseconds.
  expect(performance.now() - seen.begun).toBeGreaterThan(turns.post.every - 5)
})

test('the card leaves two edits to others', async () => {
  const seen = await atOnce(async (pace) => [(await inARow(pace, 'card')).had, (await inARow(pace, 'edit')).had])
  expect(seen).toEqual([1, 2])
})

test('a faster Slack is posted to faster', async () => {
  const [slow, fast] = [paceOf('slow', 1 / 60), paceOf('fast', 1 / 30)]
  const [{ wait: minute }, { wait: half }] = [await inARow(slow, 'post'), await inARow(fast, 'post')]
  expect(minute).toBeGreaterThan(30_000)
  expect(half).toBeGreaterThan(1_000)
  expect(half).toBeLessThanOrEqual(30_000)
})

test('several turns are taken together, or none of them', async () => {
  const seen = await atOnce(async (pace) => {
    const { had: posts } = await inARow(pace, 'post')
    const together = await pace.take('edit', 'post')
    const { had: edits } = await inARow(pace, 'edit')
    return { posts, edits, waits: [together, await pace.take('post', 'edit')] }
  })
  expect(seen).toMatchObject({ posts: 5, edits: 3 })
  for (const wait of seen.waits) expect(wait).toBeGreaterThan(turns.post.every / 2 - 5)
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
  const begun = performance.now()
  for (let turn = 0; turn < turns.post.burst; turn++) await waitForTurn(pace, systemClock, 'post')
  await waitForTurn(pace, systemClock, 'post')
  expect(performance.now() - begun).toBeGreaterThan(turns.post.every - 5)
})

test('while Redis is away there is no turn, and that is said', async () => {
  const away = connect('redis://127.0.0.1:1', 'calls')
  await expect(createPace(away, keysOf('away')).take('post')).rejects.toMatchObject({ code: 'ledger-unavailable' })
  away.disconnect()
})
