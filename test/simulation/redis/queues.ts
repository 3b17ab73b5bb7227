import { SlipwayError } from '../../../src/errors.ts'
import { type Queues, queueOf } from '../../../src/jobs/queues.ts'
import { redisPatience } from '../../../src/ledger/redis.ts'
import type { SimulatedProcess } from '../process.ts'
import { callRedis } from './call.ts'
import type { Workshop } from './workshop.ts'

/** What was surely not handed on, or may have been. */
function failed(refused: boolean): SlipwayError {
  return refused
    ? new SlipwayError('ledger-unavailable', { after: redisPatience })
    : new SlipwayError('hand-over-in-doubt', {})
}

/** Hands jobs to the queues, as src/jobs/queues.ts does: a job with the id of one that waits or runs is the same job. */
export function createQueues(process: SimulatedProcess, workshop: Workshop): Queues {
  const enqueue: Queues['add'] = (queue, id, name, data) =>
    callRedis(process, `add ${id}`, () => workshop.add(queue, id, name, data))
  return {
    add: (queue, id, name, data) =>
      process.call({
        ...{ system: 'redis', name: `add ${id}`, failed },
        act: () => workshop.add(queue, id, name, data),
      }),
    async startJobs(jobs) {
      for (const { name, rollout, order } of jobs)
        await enqueue(name === 'roll-back' ? 'rollback' : 'steps', `${name}-${rollout}-${order}`, name, { rollout })
    },
    async startProjections(rollout, names) {
      for (const name of names) await enqueue(queueOf(name), `${name}-${rollout}`, name, { rollout })
    },
    withdraw: async () => false,
    close: async () => undefined,
  }
}
