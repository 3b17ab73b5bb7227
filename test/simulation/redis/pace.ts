import { emptied, type Pace, turns } from '../../../src/ledger/pace.ts'
import type { SimulatedProcess } from '../process.ts'
import type { Timeline } from '../timeline.ts'
import { callRedis } from './call.ts'
import type { Redis } from './data.ts'

/** Turns by Redis's own clock. */
export function createPace(redis: Redis, process: SimulatedProcess, timeline: Timeline): Pace {
  return {
    take: (...wanted) =>
      callRedis(process, `take ${wanted.join()}`, () => {
        const full = new Map<string, number>()
        const waits = wanted.map((turn) => {
          const { bucket, every, burst } = turns[turn]
          const at = Math.max(full.get(bucket) ?? redis.data.pace.get(bucket) ?? 0, timeline.now) + every
          full.set(bucket, at)
          return at - timeline.now - burst * every
        })
        const wait = Math.max(0, ...waits)
        if (wait === 0) for (const [bucket, at] of full) redis.data.pace.set(bucket, at)
        return wait
      }),
    hold: (turn, ms) =>
      callRedis(process, `hold ${turn}`, () => {
        const { bucket } = turns[turn]
        const at = Math.max(redis.data.pace.get(bucket) ?? 0, timeline.now + ms + emptied(turn))
        redis.data.pace.set(bucket, at)
      }),
  }
}
