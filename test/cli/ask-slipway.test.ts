import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import { afterEach, expect, test } from 'vitest'
import { askOf } from '../../src/cli/ask-of.ts'
import { askSlipway } from '../../src/cli/ask-slipway.ts'
import { systemClock } from '../../src/clock.ts'
import type { Clock } from '../../src/jobs/ports.ts'
import type { QueueName } from '../../src/jobs/queue-settings.ts'
import { startWorkers } from '../../src/jobs/queues.ts'
import { createAnswers } from '../../src/ledger/answers.ts'
import { keysOf } from '../../src/ledger/keys.ts'
import { wish } from '../../src/slack/ask.ts'
import { handlersOf } from '../jobs/handlers-of.ts'
import { useRedis } from '../ledger/use-redis.ts'

let redis: Redis
const server = useRedis((client) => {
  redis = client
})
const open: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
function worker(service: string, handler: (data: unknown, queue: QueueName) => Promise<'done'>) {
  const handlers = handlersOf(
    (queue) =>
      ({ data }) =>
        handler(data, queue),
  )
  const workers = startWorkers(server.url(), keysOf(service).queues, handlers, quiet)
  open.push(() => workers.close(0))
}
const ask = (
  service: string,
  words: readonly string[],
  options: { reason?: string; force?: boolean } = {},
  patience = 45_000,
  clock: Clock = systemClock,
  redisUrl = server.url(),
) => {
  const [command, ...rest] = words
  const wanted = askOf(command, rest, { force: false, ...options })
  if (wanted === null) throw new Error('nothing is asked')
  return askSlipway({
    ask: wanted,
    service,
    redisUrl,
    newId: randomUUID,
    clock,
    patience,
  })
}

test('a terminal asks through the queues of wishes as somebody unverified, and is answered', async () => {
  const answers = createAnswers(redis, keysOf('asked'))
  const seen: object[] = []
  worker('asked', async (data, queue) => {
    const asked = wish.parse(data)
    seen.push({ ...asked, queue })
    await answers.leave(asked.id, { text: 'Said so.', refused: asked.ask.kind === 'resume' })
    return 'done'
  })
  expect(await ask('asked', ['advance', '5.1.0'])).toEqual({ text: 'Said so.', refused: false })
  expect(await ask('asked', ['resume'])).toEqual({ text: 'Said so.', refused: true })
  expect(await ask('asked', ['rollback'], { reason: 'slow' })).toMatchObject({ refused: false })
  const user = { id: expect.stringMatching(/^cli:.+@.+/), name: expect.stringMatching(/\(terminal, unverified\)$/) }
  expect(seen).toMatchObject([
    { queue: 'wishes', user, from: { via: 'terminal' }, ask: { kind: 'advance', version: '5.1.0' } },
    { queue: 'wishes', ask: { kind: 'resume' } },
    { queue: 'rollback-wishes', ask: { kind: 'rollback', reason: 'slow', forced: false, confirmed: true } },
  ])
})

test('what nobody took is withdrawn: it is not done when a Slipway starts later', async () => {
  await expect(ask('nobody', ['pause'], {}, 300)).rejects.toMatchObject({ code: 'nobody-took' })
  const seen: unknown[] = []
  worker('nobody', async (data) => {
    seen.push(data)
    await createAnswers(redis, keysOf('nobody')).leave(wish.parse(data).id, { text: 'ok', refused: false })
    return 'done'
  })
  await ask('nobody', ['status'])
  expect(seen).toMatchObject([{ ask: { kind: 'status' } }])
})

test('what a Slipway has taken and not answered is told apart', async () => {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  worker('slow', () => {
    begin()
    return new Promise(() => undefined)
  })
  // Time passes once it was taken, not before.
  let time = 0
  const clock = {
    now: () => time,
    async wait() {
      await begun
      time += 4_000
    },
  }
  await expect(ask('slow', ['status'], {}, 4_000, clock)).rejects.toMatchObject({ code: 'no-answer-yet' })
})

test('a Redis that misses a look or two while the answer is on its way is no failure', async () => {
  const answers = createAnswers(redis, keysOf('away'))
  const { promise: taken, resolve: take } = Promise.withResolvers<string>()
  worker('away', async (data) => {
    take(wish.parse(data).id)
    return 'done'
  })
  let looks = 0
  const clock = {
    ...systemClock,
    async wait() {
      looks += 1
      const id = await taken
      const key = keysOf('away').answered(id)
      // What is no text can't be read: Redis answers with an error.
      if (looks === 1) await redis.rpush(key, 'no text')
      if (looks === 3) await redis.del(key)
      if (looks === 3) await answers.leave(id, { text: 'At last.', refused: false })
    },
  }
  expect(await ask('away', ['status'], {}, 4_000, clock)).toEqual({ text: 'At last.', refused: false })
  expect(looks).toBe(3)
})

const byHand = 'then ask again; to take traffic back without Redis, `slipway rollback -f`.'

test('without Redis nothing was done, and the way that needs none is told', async () => {
  for (const words of [['rollback'], ['pause'], ['status']]) {
    const asked = ask('away', words, { reason: 'slow' }, 300, systemClock, 'redis://127.0.0.1:1')
    await expect(asked).rejects.toMatchObject({
      code: 'not-handed-over',
      message: 'Redis did not answer within 1000 ms. Nothing was done.',
      todo: `Wait until Redis is back, ${byHand}`,
    })
  }
})

test('a Redis that refuses is told apart from one that is away', async () => {
  await redis.call('ACL', 'SETUSER', 'little', 'on', '>p', '+ping', '+hello', '+info')
  const { host } = new URL(server.url())
  for (const user of ['nobody:wrong', 'little:p']) {
    const asked = ask('refused', ['rollback'], { reason: 'slow' }, 300, systemClock, `redis://${user}@${host}`)
    await expect(asked).rejects.toMatchObject({
      code: 'not-handed-over',
      message: 'Redis refuses to be used: user or password is wrong, or may not do enough. Nothing was done.',
      todo: `Correct SLIPWAY_REDIS_URL, ${byHand}`,
    })
  }
})

test('a Redis that goes away before the wish could be withdrawn leaves it in doubt', async () => {
  await redis.call('ACL', 'SETUSER', 'asking', 'on', '>p', '~*', '+@all')
  const url = `redis://asking:p@${new URL(server.url()).host}`
  let time = 0
  const clock = {
    now: () => time,
    async wait() {
      time += 4_000
      await redis.call('ACL', 'SETUSER', 'asking', 'nocommands')
    },
  }
  const asked = ask('in-doubt', ['rollback'], { reason: 'slow' }, 4_000, clock, url)
  await expect(asked).rejects.toMatchObject({ code: 'hand-over-in-doubt' })
})

test('words behind a pause or a rollback are of its reason', () => {
  const may = { force: false }
  expect(askOf('pause', ['for', 'maintenance'], may)).toEqual({ kind: 'pause', reason: 'for maintenance' })
  expect(askOf('pause', ['busy'], { ...may, reason: 'too' })).toEqual({ kind: 'pause', reason: 'too busy' })
  expect(askOf('pause', [], may)).toEqual({ kind: 'pause', reason: '' })
  expect(askOf('rollback', ['slow'], { ...may, reason: 'too' })).toMatchObject({ reason: 'too slow' })
  expect(askOf('rollback', ['slow'], may)).toBeNull()
})

test('what cannot be asked is told before anything is sent', async () => {
  await expect(ask('wrong', ['advance', '../etc'])).rejects.toMatchObject({ code: 'usage' })
  await expect(ask('wrong', ['pause'], { reason: 'x'.repeat(501) })).rejects.toMatchObject({ code: 'usage' })
  expect(() => askOf('status', ['now'], { force: false })).toThrow(/takes nothing behind it/)
  expect(askOf('rollback', [], { reason: 'r', force: true })).toBeNull()
  expect(await redis.keys(`${keysOf('wrong').queues}*`)).toEqual([])
})
