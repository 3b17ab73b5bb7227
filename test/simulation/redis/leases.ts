import type { Leases } from '../../../src/ledger/leases.ts'
import type { SimulatedProcess } from '../process.ts'
import type { Timeline } from '../timeline.ts'
import { callRedis } from './call.ts'
import type { Redis } from './data.ts'

/** Leases by Redis's own clock. */
export function createLeases(redis: Redis, process: SimulatedProcess, timeline: Timeline, newId: () => string): Leases {
  const holder = (name: string) => {
    const lease = redis.data.leases.get(name)
    return lease !== undefined && lease.until > timeline.now ? lease.token : null
  }
  return {
    async take(name, ms) {
      const token = newId()
      const taken = await callRedis(process, `take ${name}`, () => {
        if (holder(name) !== null) return false
        redis.data.leases.set(name, { token, until: timeline.now + ms })
        return true
      })
      if (!taken) return null
      return {
        renew: (more) =>
          callRedis(process, `renew ${name}`, () => {
            if (holder(name) !== token) return false
            redis.data.leases.set(name, { token, until: timeline.now + more })
            return true
          }),
        release: () =>
          callRedis(process, `release ${name}`, () => {
            if (holder(name) === token) redis.data.leases.delete(name)
          }),
      }
    },
  }
}
