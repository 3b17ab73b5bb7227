import { once } from 'node:events'
import { createServer, connect as netConnect } from 'node:net'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import { type QueueName, queueNames } from '../../src/jobs/queue-settings.ts'
import { createQueues, type Handler, queueOfWish, startWorkers } from '../../src/jobs/queues.ts'
import type { Log } from '../../src/jobs/world.ts'
import { testRedis } from '../ledger/redis-server.ts'
import { handlersOf } from './handlers-of.ts'

let server: Awaited<ReturnType<typeof testRedis>>
beforeAll(async () => {
  server = await testRedis()
})
afterAll(() => server.stop())

const open: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }

function queuesOf(prefix: string) {
  const queues = createQueues(server.redis.url, prefix)
  open.push(() => queues.close())
  return queues
}

/** The workers of one process, which do everything with `handler`. */
function processOf(prefix: string, handler: Handler, log = quiet) {
  const workers = startWorkers(
    server.redis.url,
    prefix,
    handlersOf(() => handler),
    log,
  )
  open.push(() => workers.close(0))
  return workers
}

/** A queue as BullMQ has it. */
function bullQueue(name: QueueName, prefix: string) {
  const connection = new Redis(server.redis.url, { maxRetriesPerRequest: null })
  const queue = new Queue(name, { connection, prefix })
  open.push(async () => {
    await queue.close()
    connection.disconnect()
  })
  return queue
}

/** Who hands a job on asks again where Redis took more than its second: the job's id makes it one. */
const handedOn = (add: () => Promise<void>) => expect.poll(() => add().then(() => 'added')).toBe('added')

const forever: Handler = () => new Promise(() => undefined)

test('a process that stops lets its jobs finish', async () => {
  const queues = queuesOf('finish')
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const seen: string[] = []
  const workers = processOf('finish', async () => {
    begin()
    await ended
    seen.push('finished')
    return 'done'
  })
  await handedOn(() => queues.add('steps', 'a-job', 'shift', {}))
  await begun
  const closed = workers.close()
  end()
  await closed
  expect(seen).toEqual(['finished'])
})

test('jobs that do not finish in time are soon another process’s, a rollback first', async () => {
  const queues = queuesOf('hand-over')
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const told: string[] = []
  const log = { ...quiet, warn: (_: object, message: string) => void told.push(message) }
  let running = 0
  const first = processOf(
    'hand-over',
    (job) => {
      running += 1
      if (running === 2) begin()
      return forever(job)
    },
    log,
  )
  await handedOn(() => queues.add('steps', 'a-step', 'shift', {}))
  await handedOn(() => queues.add('rollback', 'a-rollback', 'roll-back', {}))
  await begun
  const seen: string[] = []
  processOf('hand-over', async ({ name, tried }) => {
    seen.push(`${name}, tried ${tried}`)
    return 'done'
  })
  const stopped = performance.now()
  await first.close(500)
  expect(performance.now() - stopped).toBeLessThan(10_000)
  expect(told).toContain('some jobs are not finished; another process takes them up')
  const closed = performance.now()
  await expect.poll(() => seen).toEqual(['roll-back, tried true', 'shift, tried true'])
  // BullMQ's own lock would hold for half a minute.
  expect(performance.now() - closed).toBeLessThan(20_000)
})

test('a sink that hangs takes one place of its own, and keeps no page waiting', async () => {
  const queues = queuesOf('sink')
  const seen: string[] = []
  processOf('sink', (job) => {
    seen.push(job.name)
    return job.name === 'sink' ? forever(job) : Promise.resolve('done')
  })
  for (let rollout = 1; rollout <= 11; rollout++) await handedOn(() => queues.startProjections(rollout, ['sink']))
  await handedOn(() => queues.startProjections(12, ['paging', 'thread', 'card']))
  await expect.poll(() => seen.toSorted()).toEqual(['card', 'paging', 'sink', 'thread'])
})

test('however many ask for a rollback and hang, the rollback itself begins at once', async () => {
  const queues = queuesOf('asked-again')
  const seen: string[] = []
  processOf('asked-again', (job) => {
    seen.push(job.name)
    return job.name === 'wish' ? forever(job) : Promise.resolve('done')
  })
  for (let click = 1; click <= 11; click++)
    await handedOn(() => queues.add(queueOfWish('rollback'), `wish-${click}`, 'wish', {}))
  await handedOn(() => queues.startJobs([{ name: 'roll-back', service: 'shop', rollout: 1, order: 9 }]))
  await expect.poll(() => seen).toContain('roll-back')
})

test('however many readiness reports wait for Slack, a step of a rollout begins at once', async () => {
  const queues = queuesOf('reports')
  const seen: string[] = []
  processOf('reports', (job) => {
    seen.push(job.name)
    return job.name === 'readiness' ? forever(job) : Promise.resolve('done')
  })
  for (let report = 1; report <= 8; report++)
    await handedOn(() => queues.add('readiness', `readiness-${report}`, 'readiness', {}))
  await handedOn(() => queues.startJobs([{ name: 'prepare', service: 'shop', rollout: 1, order: 9 }]))
  await expect.poll(() => seen).toContain('prepare')
})

test('that Slack is away uses no try of a job up', async () => {
  const prefix = 'slack-away'
  const away = new SlipwayError('slack-unreachable', { method: 'chat.postEphemeral' })
  const seen: string[] = []
  processOf(prefix, async ({ last }) => {
    seen.push(last ? 'the last' : 'one of several')
    if (seen.length < 3) throw away
    return 'done'
  })
  const queue = bullQueue('answers', prefix)
  await queue.add('answer', {}, { attempts: 2, backoff: { type: 'custom' }, removeOnFail: true })
  await expect.poll(() => seen).toEqual(['one of several', 'one of several', 'one of several'])
})

test('what waits for Slack was begun, and can’t be taken back any more; what nobody has begun can', async () => {
  const queues = queuesOf('withdrawn')
  await handedOn(() => queues.add('wishes', 'early', 'wish', {}))
  expect(await queues.withdraw('wishes', 'early')).toBe(true)
  processOf('withdrawn', async () => {
    throw new SlipwayError('slack-throttled', { method: 'users.info', after: 60_000 })
  })
  await handedOn(() => queues.add('wishes', 'late', 'wish', {}))
  const queue = bullQueue('wishes', 'withdrawn')
  await expect.poll(() => queue.getDelayedCount()).toBe(1)
  expect(await queues.withdraw('wishes', 'late')).toBe(false)
})

describe('what is handed on', () => {
  test('may be done all the same where Redis took it and did not answer in time: that is a doubt, and no refusal', async () => {
    const queues = queuesOf('paused')
    const seen: string[] = []
    processOf('paused', async ({ name }) => {
      seen.push(name)
      return 'done'
    })
    await handedOn(() => queues.add('wishes', 'before', 'before', {}))
    await expect.poll(() => seen).toEqual(['before'])
    const redis = new Redis(server.redis.url)
    open.push(async () => redis.disconnect())
    await redis.client('PAUSE', 1_200, 'ALL')
    await expect(queues.add('wishes', 'in-doubt', 'in-doubt', {})).rejects.toMatchObject({ code: 'hand-over-in-doubt' })
    await expect.poll(() => seen).toEqual(['before', 'in-doubt'])
  })

  test('goes into every queue of a process that started while Redis was away', async () => {
    const own = await testRedis()
    open.push(own.stop)
    await own.redis.stop()
    const queues = createQueues(own.redis.url, 'away')
    open.push(queues.close)
    await expect(queues.add('wishes', 'early', 'early', {})).rejects.toMatchObject({ code: 'ledger-unavailable' })
    await own.redis.start()
    for (const name of queueNames) await handedOn(() => queues.add(name, `late-${name}`, 'late', {}))
    await queues.startJobs([{ name: 'roll-back', service: 'shop', rollout: 1, order: 1 }])
  })

  test('goes into every queue of a process whose Redis stood still just when it had connected', async () => {
    const own = await testRedis()
    open.push(own.stop)
    let asked = 0
    // The client's own question comes first; what is asked after it has no answer in time.
    const proxy = createServer((client) => {
      const target = netConnect(Number(new URL(own.redis.url).port), '127.0.0.1')
      for (const socket of [client, target]) socket.on('error', () => undefined)
      target.pipe(client)
      client.on('data', (bytes) => {
        if (/info/i.test(String(bytes))) asked += 1
        if (asked !== 2) target.write(bytes)
      })
      client.on('close', () => target.destroy())
    })
    await once(proxy.listen(0, '127.0.0.1'), 'listening')
    open.push(async () => void proxy.close())
    const address = proxy.address()
    const queues = createQueues(`redis://127.0.0.1:${typeof address === 'object' && address?.port}`, 'stalled')
    open.push(queues.close)
    for (const name of queueNames) await handedOn(() => queues.add(name, `late-${name}`, 'late', {}))
  })

  test('is never done where it is told that it was not: without a connection, and where Redis refuses it', async () => {
    const own = await testRedis()
    open.push(own.stop)
    await own.redis.stop()
    const queues = createQueues(own.redis.url, 'refused')
    open.push(queues.close)
    const refused = { code: 'ledger-unavailable' }
    await expect(queues.add('wishes', 'away', 'away', {})).rejects.toMatchObject(refused)
    await own.redis.start()
    await handedOn(() => queues.add('wishes', 'first', 'first', {}))
    await own.redis.stop()
    // Until the client has seen that the connection is gone it can't know.
    const told = () => queues.add('wishes', 'broken', 'broken', {}).catch((error: unknown) => error)
    await expect.poll(told).toMatchObject(refused)
    await own.redis.start()
    const redis = new Redis(own.redis.url)
    open.push(async () => redis.disconnect())
    await redis.config('SET', 'maxmemory', '1')
    await expect(queues.add('wishes', 'full', 'full', {})).rejects.toMatchObject(refused)
    await redis.config('SET', 'maxmemory', '0')
    await handedOn(() => queues.add('wishes', 'last', 'last', {}))
    const seen: string[] = []
    const workers = startWorkers(
      own.redis.url,
      'refused',
      handlersOf(() => async ({ name }) => {
        seen.push(name)
        return 'done'
      }),
      quiet,
    )
    open.push(() => workers.close(0))
    await expect.poll(() => seen).toContain('last')
    expect(seen).toEqual(['first', 'last'])
  })
})
