import { DelayedError } from 'bullmq'
import { describe, expect, it } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import type { Handler } from '../../src/jobs/queues.ts'
import { runJob } from '../../src/jobs/run-job.ts'

const away = new SlipwayError('slack-unreachable', { method: 'chat.postMessage' })

/** A job that was begun so often before because it was busy, and what becomes of it. */
function jobOf(attempts: number, busy: number) {
  const pauses: number[] = []
  const lines: object[] = []
  const log = { info: () => undefined, warn: (fields: object) => void lines.push(fields), error: () => undefined }
  const job = {
    id: 'a-job',
    name: 'thread',
    data: { message: 'to one of them alone' },
    opts: { attempts },
    attemptsMade: 0,
    attemptsStarted: busy,
    progress: 0,
    moveToDelayed: async (at: number) => void pauses.push(at - Date.now()),
    updateProgress: async (waits: unknown) => {
      job.progress = Number(waits)
    },
  }
  const run = (queue: 'answers' | 'projections', handler: Handler) => {
    job.attemptsStarted += 1
    return runJob({ queue, handler, log }, job, 'a token')
  }
  return { run, pauses, lines }
}

const fails: Handler = async () => {
  throw away
}

describe('a job that waits for Slack', () => {
  it('pauses as often as it has waited, however often it was busy before', async () => {
    const { run, pauses } = jobOf(20, 9)
    await expect(run('answers', async () => 'again')).rejects.toThrow(DelayedError)
    await expect(run('answers', fails)).rejects.toThrow(DelayedError)
    await expect(run('answers', fails)).rejects.toThrow(DelayedError)
    const [again = 0, first = 0, second = 0] = pauses
    expect(again).toBeLessThanOrEqual(250)
    expect(first).toBeLessThanOrEqual(500)
    expect(second).toBeLessThanOrEqual(1_000)
    expect(second).toBeGreaterThan(500)
  })

  it('is logged ever more rarely, without what it is to say', async () => {
    const { run, lines } = jobOf(20, 0)
    for (let tries = 1; tries <= 100; tries++) await expect(run('answers', fails)).rejects.toThrow(DelayedError)
    expect(lines).toHaveLength(7)
    expect(lines[6]).toEqual({ err: away, queue: 'answers', job: 'thread', id: 'a-job', tries: 64 })
  })

  it('has failed like any other where there are tries enough', async () => {
    const { run, pauses } = jobOf(1_000_000, 9)
    await expect(run('projections', fails)).rejects.toBe(away)
    expect(pauses).toEqual([])
  })
})
