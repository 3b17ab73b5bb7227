import { type Queues, queueOf } from '../../../src/jobs/queues.ts'
import type { SimulatedProcess } from '../process.ts'
import { callRedis } from './call.ts'
import type { Workshop } from './workshop.ts'

/** Hands jobs to the queues, as src/jobs/queues.ts does: a job with the id of one that waits or runs is the same job. */
export function createQueues(process: SimulatedProcess, workshop: Workshop): Queues {
  const add: Queues['add'] = (queue, id, name, data) =>
    callRedis(process, `add ${id}`, () => workshop.add(queue, id, name, data))
  return {
    add,
    async startJobs(jobs) {
      for (const { name, rollout, order } of jobs)
        await add(name === 'roll-back' ? 'rollback' : 'steps', `${name}-${rollout}-${order}`, name, { rollout })
    },
    async startProjections(rollout, names) {
      for (const name of names) await add(queueOf(name), `${name}-${rollout}`, name, { rollout })
    },
    withdraw: async () => false,
    close: async () => undefined,
  }
}
