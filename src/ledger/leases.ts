import type { Redis } from 'ioredis'
import type { Keys } from './keys.ts'
import { fromRedis } from './redis.ts'

const renew = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`
const release = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`

/** Work that only one process at a time should do. A lease saves work; what must not be doubled is guarded by itself. */
export interface Leases {
  /** Takes the lease for `ms`, or null when somebody else has it. */
  take(name: string, ms: number): Promise<Lease | null>
}

export interface Lease {
  /** True while the lease is (again) ours for `ms` from now. */
  renew(ms: number): Promise<boolean>
  release(): Promise<void>
}

export function createLeases(redis: Redis, keys: Keys, newId: () => string): Leases {
  return {
    async take(name, ms) {
      const key = keys.lease(name)
      const token = newId()
      const taken = await fromRedis(() => redis.set(key, token, 'PX', ms, 'NX'))
      if (taken !== 'OK') return null
      return {
        renew: async (more) => (await fromRedis(() => redis.eval(renew, 1, key, token, more))) === 1,
        release: async () => {
          await fromRedis(() => redis.eval(release, 1, key, token))
        },
      }
    },
  }
}
