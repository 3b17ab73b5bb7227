import { SlipwayError } from '../../../src/errors.ts'
import { isSlackAway } from '../../../src/jobs/failure.ts'
import { atOnce, fewTries, type QueueName, tries } from '../../../src/jobs/queue-settings.ts'
import type { Handler } from '../../../src/jobs/queues.ts'
import type { SimulatedProcess } from '../process.ts'
import type { Random } from '../random.ts'
import type { Timeline } from '../timeline.ts'
import type { Trace } from '../trace.ts'
import { callRedis } from './call.ts'
import type { QueuedJob, Redis } from './data.ts'

/** A process that works on jobs. */
export interface Worker {
  readonly process: SimulatedProcess
  readonly handlers: Readonly<Record<QueueName, Handler>>
}

/**
 * The queues and who works on them, as BullMQ with the settings of src/jobs/queue-settings.ts: tries and pauses, so many jobs at once,
 * a lock of 2.5 s looked at every second. A worker that lost its lock is not told and goes on beside its successor.
 */
export interface Workshop {
  add(queue: QueueName, id: string, name: string, data: object): void
  hire(worker: Worker): void
  /** Redis holds other jobs than before. */
  replaced(): void
}

const soon = 250
const lockFor = 2_500
const lookEvery = 1_000

export function createWorkshop(redis: Redis, timeline: Timeline, random: Random, trace: Trace): Workshop {
  const workers: Worker[] = []
  /** Who holds a job under which token, until when as Redis has it, and whether it is still at it. */
  const locks = new Map<number, { readonly worker: Worker; until: number; working: boolean }>()
  const busy = new Map<Worker, Map<QueueName, number>>()
  let tokens = 0
  let pumping = false
  let looking = false

  const keyOf = (queue: QueueName, id: string) => `${queue}/${id}`
  const put = (job: QueuedJob) => void redis.data.jobs.set(keyOf(job.queue, job.id), job)
  const load = (worker: Worker, queue: QueueName) => busy.get(worker)?.get(queue) ?? 0

  function pumpSoon(delay: number): void {
    if (delay > 3) {
      timeline.after(delay, () => pumpSoon(0))
      return
    }
    if (pumping) return
    pumping = true
    timeline.after(delay, pump)
  }

  /** Jobs are looked at every second as long as there are any. */
  function lookSoon(): void {
    if (looking) return
    looking = true
    timeline.after(lookEvery, () => {
      looking = false
      lookForStalled()
    })
  }

  /** Lets jobs go whose worker has not renewed its lock. */
  function lookForStalled(): void {
    for (const job of redis.data.jobs.values()) {
      if (job.state !== 'active') continue
      const lock = locks.get(job.token)
      const { process } = lock?.worker ?? {}
      if (lock?.working && process?.isAwake() && process.reaches('redis')) lock.until = timeline.now + lockFor
      if (lock !== undefined && lock.until > timeline.now) continue
      trace(() => `job ${job.id} is stalled`)
      put({ ...job, state: 'waiting', token: 0 })
    }
    if (redis.data.jobs.size === 0) return
    pumpWaiting()
    lookSoon()
  }

  const waits = ({ state, dueAt }: QueuedJob) => state !== 'active' && (state === 'waiting' || dueAt <= timeline.now)

  /** A worker may have become free for what waits. */
  function pumpWaiting(): void {
    if ([...redis.data.jobs.values()].some(waits)) pumpSoon(1)
  }

  function pump(): void {
    pumping = false
    for (const job of redis.data.jobs.values()) {
      if (!waits(job)) continue
      const free = workers
        .filter(({ process }) => process.isAwake() && process.reaches('redis'))
        .filter((worker) => load(worker, job.queue) < atOnce[job.queue])
      if (free.length > 0) void begin(random.pick(free), job)
    }
  }

  async function begin(worker: Worker, waiting: QueuedJob): Promise<void> {
    const { queue, id, name, data } = waiting
    tokens += 1
    const token = tokens
    const job: QueuedJob = { ...waiting, state: 'active', token, started: waiting.started + 1 }
    put(job)
    const key = keyOf(queue, id)
    const lock = { worker, until: timeline.now + lockFor, working: true }
    locks.set(token, lock)
    const count = (by: number) => {
      const own = busy.get(worker) ?? new Map<QueueName, number>()
      busy.set(worker, own.set(queue, (own.get(queue) ?? 0) + by))
    }
    count(1)
    const last = job.made + 1 >= tries[queue]
    let change: (held: QueuedJob) => QueuedJob | null
    try {
      const outcome = await worker.handlers[queue]({ name, data, last, tried: job.started > 1 })
      change = (held) => (outcome === 'done' ? null : delayed(held, soon))
    } catch (error) {
      trace(() => `${worker.process.name} job ${id} failed: ${error instanceof Error ? error.message : String(error)}`)
      change = (held) => failed(held, error)
    }
    count(-1)
    lock.working = false
    pumpWaiting()
    await callRedis(worker.process, `end ${id}`, () => {
      locks.delete(token)
      const held = redis.data.jobs.get(key)
      if (held === undefined || held.token !== token || held.state !== 'active') return
      const next = change(held)
      if (next !== null) put(next)
      else {
        redis.data.jobs.delete(key)
        if (name === 'wish' || name === 'answer') redis.data.answered.add(key)
      }
      pumpWaiting()
    }).catch(() => undefined)
  }

  function delayed(job: QueuedJob, pause: number): QueuedJob {
    pumpSoon(pause)
    return { ...job, state: 'delayed', dueAt: timeline.now + pause }
  }

  function failed(job: QueuedJob, error: unknown): QueuedJob | null {
    if (isSlackAway(error) && tries[job.queue] <= fewTries) {
      const waits = job.waits + 1
      return delayed({ ...job, waits }, pauseBefore(waits, error))
    }
    const made = job.made + 1
    if (made < tries[job.queue]) return delayed({ ...job, made }, pauseBefore(made, error))
    // What is still due the sweep starts again.
    trace(() => `job ${job.id} is given up`)
    return null
  }

  function pauseBefore(made: number, error: unknown): number {
    if (error instanceof SlipwayError && error.code === 'slack-throttled' && 'after' in error.detail)
      return Number(error.detail.after)
    return Math.round(Math.min(10_000, 250 * 2 ** Math.min(made, 10)) * (0.75 + random.next() / 4))
  }

  return {
    add(queue, id, name, data) {
      const key = keyOf(queue, id)
      if (redis.data.jobs.has(key) || redis.data.answered.has(key)) return
      put({ queue, id, name, data, state: 'waiting', dueAt: 0, made: 0, waits: 0, started: 0, token: 0 })
      pumpSoon(2)
      lookSoon()
    },
    hire(worker) {
      workers.push(worker)
      pumpSoon(2)
    },
    replaced: lookForStalled,
  }
}
