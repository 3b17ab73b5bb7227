import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createQueues, type Handler, type QueueName, startWorkers } from '../../src/jobs/queues.ts'
import { testRedis } from '../ledger/redis-server.ts'

let server: Awaited<ReturnType<typeof testRedis>>
beforeAll(async () => {
  server = await testRedis()
})
afterAll(() => server.stop())

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }

function queuesOf(prefix: string) {
  const queues = createQueues(server.redis.url, prefix)
  closing.push(() => queues.close())
  return queues
}

/** Workers of one process; every job they run is noted. */
function workersOf(prefix: string): string[] {
  const ran: string[] = []
  const note =
    (queue: QueueName): Handler =>
    async ({ name }) => {
      ran.push(`${queue} ${name}`)
      return 'done'
    }
  const handlers = {
    rollback: note('rollback'),
    wishes: note('wishes'),
    steps: note('steps'),
    projections: note('projections'),
  }
  const workers = startWorkers(server.redis.url, prefix, handlers, silent)
  closing.push(() => workers.close())
  return ran
}

test('the job of a process that was killed is taken up by another within 5 s', async () => {
  const file = fileURLToPath(new URL('hanging-worker.ts', import.meta.url))
  const dying = spawn(process.execPath, [file, server.redis.url, 'killed'], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(dying.stdout, 'data')
  const ran = workersOf('killed')
  dying.kill('SIGKILL')
  await expect.poll(() => ran, { timeout: 5_000, interval: 20 }).toEqual(['steps prepare'])
}, 20_000)

test('a wish that is delivered again after it was answered is not taken again', async () => {
  const queues = queuesOf('again')
  const ran = workersOf('again')
  await queues.add('wishes', 'wish-1', 'wish', {})
  await expect.poll(() => ran).toEqual(['wishes wish'])
  await queues.add('wishes', 'wish-1', 'wish', {})
  await queues.add('wishes', 'wish-2', 'wish', {})
  await expect.poll(() => ran).toHaveLength(2)
})

test('a step that was done can be ordered again', async () => {
  const queues = queuesOf('steps')
  const ran = workersOf('steps')
  const job = { name: 'shift', service: 'shop', rollout: 1, order: 7 } as const
  await queues.startJobs([job])
  await expect.poll(() => ran).toHaveLength(1)
  await expect
    .poll(async () => {
      await queues.startJobs([job])
      return ran.length
    })
    .toBeGreaterThan(1)
})
