import type { Job, Projection } from '../rollout/effects.ts'

/** Hands work to the queues. Starting the same work twice while it waits or runs is one job. */
export interface Starter {
  startJobs(jobs: readonly Job[]): Promise<void>
  startProjections(rollout: number, names: readonly Projection[]): Promise<void>
}

/**
 * Starts jobs and does what comes with them, which a job that can't be started does not keep back: somebody has to be told, and called, also and
 * above all then. Throws what kept the jobs from starting once the rest is done.
 */
export async function startJobsAnd(starter: Starter, jobs: readonly Job[], rest: () => Promise<void>): Promise<void> {
  const [started] = await Promise.allSettled([starter.startJobs(jobs)])
  await rest()
  if (started.status === 'rejected') throw started.reason
}
