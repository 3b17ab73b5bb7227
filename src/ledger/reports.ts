import type { Redis } from 'ioredis'
import { z } from 'zod'
import type { Report } from '../rollout/commands.ts'
import type { Keys } from './keys.ts'
import { fromRedis } from './redis.ts'

/** Readiness reports, as far as a start needs them. */
export interface Reports {
  save(report: Report): Promise<void>
  /** The newest report of a version, also when it is no longer valid; null when there is none. */
  find(version: string): Promise<Report | null>
  /** The version of the newest report of all. */
  newestVersion(): Promise<string | null>
}

const report: z.ZodType<Report> = z.object({
  id: z.string(),
  version: z.string(),
  validUntil: z.number(),
  blocks: z.number(),
})

/** How long a report is kept to explain a refusal: a day, in ms. */
const kept = 24 * 3_600_000

export function createReports(redis: Redis, keys: Keys): Reports {
  return {
    save: (saved) =>
      fromRedis(async () => {
        await redis.set(keys.report(saved.version), JSON.stringify(saved), 'PX', kept)
        await redis.set(keys.newestReport, saved.version, 'PX', kept)
      }),
    find: (version) =>
      fromRedis(async () => {
        const text = await redis.get(keys.report(version))
        return text === null ? null : report.parse(JSON.parse(text))
      }),
    newestVersion: () => fromRedis(() => redis.get(keys.newestReport)),
  }
}
