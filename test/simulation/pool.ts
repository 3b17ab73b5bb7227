import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Result } from './simulation.ts'

/** Threads that run seeds. */
export interface Pool {
  /** Runs seeds as long as `next` gives some, on all threads. */
  each(next: () => number | null, done: (result: Result) => void): Promise<void>
  run(seed: number, traced: boolean): Promise<Result>
  close(): Promise<void>
}

/** Starts so many threads; each plants the fault first, where one is named. */
export function startPool(size: number, plant: string | undefined): Pool {
  const threads = Array.from({ length: size }, () => startThread(plant))
  const [any] = threads
  if (any === undefined) throw new Error('a pool needs a thread')
  return {
    async each(next, done) {
      await Promise.all(
        threads.map(async (thread) => {
          for (let seed = next(); seed !== null; seed = next()) done(await thread.run(seed, false))
        }),
      )
    },
    run: (seed, traced) => any.run(seed, traced),
    async close() {
      await Promise.all(threads.map((thread) => thread.close()))
    },
  }
}

function startThread(plant: string | undefined) {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: { plant },
    // A run leaves much behind that is soon garbage.
    resourceLimits: { maxYoungGenerationSizeMb: 64 },
  })
  const failed = once(worker, 'error').then(([error]) => {
    throw error
  })
  // Told where it is waited for.
  failed.catch(() => undefined)
  const ready = once(worker, 'message')
  return {
    async run(seed: number, traced: boolean): Promise<Result> {
      await Promise.race([ready, failed])
      const answer = once(worker, 'message')
      worker.postMessage({ seed, traced })
      const [result] = await Promise.race([answer, failed])
      return result
    },
    close: () => worker.terminate(),
  }
}
