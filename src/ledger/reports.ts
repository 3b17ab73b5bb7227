import type { Redis } from 'ioredis'
import { type ReadinessReport, reportSchema } from '../readiness/report.ts'
import type { Keys } from './keys.ts'
import { fromRedis } from './redis.ts'

/** The readiness reports. */
export interface Reports {
  save(report: ReadinessReport): Promise<void>
  /** The newest report of a version, also when it is no longer valid; null when there is none. */
  find(version: string): Promise<ReadinessReport | null>
  /** The version of the newest report of all. */
  newestVersion(): Promise<string | null>
}

/** How long a report is kept, to explain a refusal and to compare the next one with: a day, in ms. */
const kept = 24 * 3_600_000

/** `durable` resolves when what was saved will outlive the loss of this Redis: the report is told right after. */
export function createReports(redis: Redis, keys: Keys, durable: () => Promise<void> = async () => undefined): Reports {
  return {
    save: (saved) =>
      fromRedis(async () => {
        await redis.set(keys.report(saved.version), JSON.stringify(saved), 'PX', kept)
        await redis.set(keys.newestReport, saved.version, 'PX', kept)
        await durable()
      }),
    find: (version) =>
      fromRedis(async () => {
        const text = await redis.get(keys.report(version))
        // One of another Slipway that this one can't read is none: it is checked again in a moment.
        return text === null ? null : (reportSchema.safeParse(JSON.parse(text)).data ?? null)
      }),
    newestVersion: () => fromRedis(() => redis.get(keys.newestReport)),
  }
}
