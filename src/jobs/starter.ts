import type { Job, Projection } from '../rollout/effects.ts'

/** Hands work to the queues. Starting the same work twice while it waits or runs is one job. */
export interface Starter {
  startJobs(jobs: readonly Job[]): Promise<void>
  startProjections(rollout: number, names: readonly Projection[]): Promise<void>
}
