import { Queue, type QueueOptions, Worker, type WorkerOptions } from 'bullmq'
import { SlipwayError } from '../errors.ts'
import { connect } from '../ledger/connect.ts'
import { createDurable } from '../ledger/durable.ts'
import { redisPatience } from '../ledger/redis.ts'
import type { Projection } from '../rollout/effects.ts'
import { logFailure } from './log-failure.ts'
import { isUrgent, pauseBefore } from './pause-before.ts'
import { atOnce, type QueueName, queueNames, tries } from './queue-settings.ts'
import { runJob } from './run-job.ts'
import type { Starter } from './starter.ts'
import type { Log } from './world.ts'

/**
 * Does one job. `last` is true at the last try; `again` has it come back shortly without counting as a failure. Nor does it count that Slack
 * is away: however long that lasts, what it was to be told is told.
 */
export type Handler = (job: {
  readonly name: string
  readonly data: unknown
  readonly last: boolean
  readonly tried: boolean
}) => Promise<'done' | 'again'>

/** Hands jobs to the queues; fails within a second while Redis is away. */
export interface Queues extends Starter {
  /**
   * Hands on what nobody would start again: resolves when it will outlive the loss of this Redis. Throws `ledger-unavailable` when it surely
   * is not there, `hand-over-in-doubt` when that, or whether it lasts, is not sure: it may be done all the same.
   */
  add(queue: QueueName, id: string, name: string, data: object): Promise<void>
  /** Takes back what no worker has begun; false when one has, or is done with it. */
  withdraw(queue: QueueName, id: string): Promise<boolean>
  close(): Promise<void>
}

/** How long a job is kept for a process that may have died, and how often dead ones are looked for, in ms. A rollback done twice is done once. */
const patience = { lockDuration: 2_500, stalledInterval: 1_000 }
const impatience = { lockDuration: 1_500, stalledInterval: 250 }

/** What was asked for and is answered is kept for this long (s), and so many of them: the same click delivered again is no second one. */
const answeredKept = { age: 3_600, count: 2_000 }

/** The queue that shows a projection. */
export function queueOf(projection: Projection): QueueName {
  return projection === 'sink' ? 'uploads' : 'projections'
}

/** The queue that a wish of this kind waits in. */
export function queueOfWish(kind: string): QueueName {
  return kind === 'rollback' ? 'rollback-wishes' : 'wishes'
}

export function createQueues(url: string, prefix: string): Queues {
  const connection = connect(url, 'calls')
  // A queue is made once and for all: what fails then, where Redis is away or stands still, fails it for as long as the process lives. So it finds a
  // connection that comes up by itself, however late, and asks nothing on it.
  connection.connect().catch(() => undefined)
  const durable = createDurable(connection, url, `${prefix}:durable`, () => performance.now())
  const options: QueueOptions = { connection, prefix, skipVersionCheck: true }
  const queues = Object.fromEntries(queueNames.map((name) => [name, new Queue(name, options)]))
  for (const queue of Object.values(queues)) queue.on('error', () => undefined)

  async function enqueue(queue: QueueName, id: string, name: string, data: object): Promise<void> {
    const isAsked = name === 'wish' || name === 'readiness' || name === 'answer'
    const opts = {
      jobId: id,
      attempts: tries[queue],
      backoff: { type: 'custom' },
      removeOnComplete: isAsked ? answeredKept : true,
      removeOnFail: isAsked ? answeredKept : true,
    }
    const added = queues[queue]?.add(name, data, opts)
    await withinPatience(Promise.resolve(added))
  }

  return {
    async add(queue, id, name, data) {
      // What is begun before there is a connection is done whenever there is one.
      await withinPatience(Promise.resolve(queues[queue]?.waitUntilReady()))
      try {
        await enqueue(queue, id, name, data)
      } catch (error) {
        throw isRefused(error) ? error : new SlipwayError('hand-over-in-doubt', {}, { cause: error })
      }
      try {
        await durable()
      } catch (cause) {
        throw new SlipwayError('hand-over-in-doubt', {}, { cause })
      }
    },
    withdraw: (queue, id) => withinPatience(removed(queues[queue], id)),
    async startJobs(jobs) {
      for (const { name, rollout, order } of jobs) {
        await enqueue(name === 'roll-back' ? 'rollback' : 'steps', `${name}-${rollout}-${order}`, name, { rollout })
      }
    },
    async startProjections(rollout, names) {
      // One job each however many events wait: while Slack is away nothing piles up.
      for (const name of names) await enqueue(queueOf(name), `${name}-${rollout}`, name, { rollout })
    },
    async close() {
      await Promise.all(Object.values(queues).map((queue) => queue.close()))
      connection.disconnect()
    },
  }
}

/** A job that is active is locked, one that is done is not removed either, and one that was ever begun may have done something. */
async function removed(queue: Queue | undefined, id: string): Promise<boolean> {
  const job = await queue?.getJob(id)
  if (job === undefined || job.attemptsStarted > 0 || !['waiting', 'delayed'].includes(await job.getState()))
    return false
  return job.remove().then(
    () => true,
    () => false,
  )
}

/** An answer of the queue within the time that Redis is given; otherwise `ledger-unavailable`. */
async function withinPatience<T>(work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('no answer in time')), redisPatience)
  try {
    return await Promise.race([work, promise])
  } catch (cause) {
    throw new SlipwayError('ledger-unavailable', { after: redisPatience }, { cause })
  } finally {
    clearTimeout(timer)
  }
}

/** Has Redis said no, or the client that it could not send it? What got no answer in time, or on a connection that broke, may have been done. */
function isRefused(error: unknown): boolean {
  if (!(error instanceof SlipwayError) || !(error.cause instanceof Error)) return false
  const { name, message } = error.cause
  return name === 'ReplyError' || message.startsWith("Stream isn't writeable")
}

/** How long jobs that run may go on when their process stops, in ms. */
const finishWithin = 8_000

/**
 * Starts the workers of one process. A job whose process died is taken up by another within 5 s, a rollback within 2 s. `close` takes
 * no new jobs and lets those that run go on for `within` ms (8 s by default); what is left then is as if the process had died.
 */
export function startWorkers(
  url: string,
  prefix: string,
  handlers: Readonly<Record<QueueName, Handler>>,
  log: Log,
): { close(within?: number): Promise<void> } {
  const workers = queueNames.map((name) => {
    const connection = connect(url, 'worker')
    const options: WorkerOptions = {
      connection,
      prefix,
      concurrency: atOnce[name],
      ...(isUrgent(name) ? impatience : patience),
      maxStalledCount: 1_000,
      settings: { backoffStrategy: (attempts, _type, error) => pauseBefore(name, attempts, error, Math.random()) },
    }
    const worker = new Worker(
      name,
      (job, token) => runJob({ queue: name, handler: handlers[name], log }, job, token),
      options,
    )
    let away = false
    worker.on('error', (error) => {
      if (!away) log.warn({ err: error, queue: name }, 'the queue does not answer; trying again')
      away = true
    })
    worker.on('active', () => {
      if (away) log.info({ queue: name }, 'the queue answers again')
      away = false
    })
    worker.on('failed', (job, error) => {
      logFailure(log, { queue: name, job, error, tries: job?.attemptsMade ?? 1 })
    })
    return { worker, connection }
  })
  return {
    async close(within = finishWithin) {
      const { promise: late, resolve } = Promise.withResolvers<boolean>()
      const timer = setTimeout(() => resolve(false), within)
      const finished = Promise.all(workers.map(({ worker }) => worker.close())).then(
        () => true,
        () => false,
      )
      if (!(await Promise.race([finished, late])))
        log.warn({}, 'some jobs are not finished; another process takes them up')
      clearTimeout(timer)
      for (const { connection } of workers) connection.disconnect()
    },
  }
}
