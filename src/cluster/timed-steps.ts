import { SlipwayError } from '../errors.ts'
import type { Clock } from '../jobs/ports.ts'
import type { Step } from '../rollout/step.ts'

/** Keeps what was done and how long it took, also of what failed. */
export interface TimedSteps {
  readonly list: readonly Step[]
  /** Does the work as a step. A failed one is listed with its code. */
  run<T>(name: string, work: () => Promise<T>): Promise<T>
  /** Does work that must not stop what follows: its SlipwayError is listed and returned. */
  attempt<T>(name: string, work: () => Promise<T>): Promise<T | SlipwayError>
}

export function createTimedSteps(clock: Clock): TimedSteps {
  const list: Step[] = []
  const run: TimedSteps['run'] = async (name, work) => {
    const start = clock.now()
    try {
      const result = await work()
      list.push({ name, ms: clock.now() - start })
      return result
    } catch (error) {
      const how = error instanceof SlipwayError ? error.code : 'failed'
      list.push({ name: `${name}: ${how}`, ms: clock.now() - start })
      throw error
    }
  }
  return {
    list,
    run,
    async attempt(name, work) {
      try {
        return await run(name, work)
      } catch (error) {
        if (error instanceof SlipwayError) return error
        throw error
      }
    },
  }
}
