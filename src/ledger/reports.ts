import type { Redis } from 'ioredis'
import { type ReadinessReport, reportSchema } from '../readiness/report.ts'
import type { Keys } from './keys.ts'
import { fromRedis } from './redis.ts'

/** The readiness reports. */
export interface Reports {
  /** Saves it, unless a newer one of its version is there. */
  save(report: ReadinessReport): Promise<void>
  /** The newest report of a version, also when it is no longer valid; null when there is none. */
  find(version: string): Promise<ReadinessReport | null>
  /** The version of the newest report of all. */
  newestVersion(): Promise<string | null>
  /** Keeps the report on which a rollout was started, whatever is reported later; the first one stays. */
  keep(rollout: number, report: ReadinessReport): Promise<void>
  /** The report on which a rollout was started; null where it is not kept any more. */
  startedOn(rollout: number): Promise<ReadinessReport | null>
}

/** How long a report is kept, to explain a refusal and to compare the next one with: a day, in ms. */
const kept = 24 * 3_600_000
/** How long the one is kept that a rollout was started on: longer than one takes, in ms. */
const keptOfRollout = 14 * 24 * 3_600_000

// Whoever made it may have stood still since: an older report takes no newer one's place.
const save = `
local before = redis.call('GET', KEYS[1])
local read, stored = pcall(cjson.decode, before or 'null')
local at = tonumber(ARGV[3])
if not (read and type(stored) == 'table' and tonumber(stored.at) and tonumber(stored.at) > at) then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[4])
end
if tonumber(redis.call('GET', KEYS[3]) or '0') <= at then
  redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[4])
  redis.call('SET', KEYS[3], ARGV[3], 'PX', ARGV[4])
end
return 1`

/** `durable` resolves when what was saved will outlive the loss of this Redis: the report is told right after. */
export function createReports(redis: Redis, keys: Keys, durable: () => Promise<void> = async () => undefined): Reports {
  const read = (key: string) =>
    fromRedis(async () => {
      const text = await redis.get(key)
      // One of another Slipway that this one can't read is none: it is checked again in a moment.
      return text === null ? null : (reportSchema.safeParse(JSON.parse(text)).data ?? null)
    })

  return {
    save: (saved) =>
      fromRedis(async () => {
        const names = [keys.report(saved.version), keys.newestReport, keys.newestReportAt]
        await redis.eval(save, names.length, ...names, JSON.stringify(saved), saved.version, saved.at, kept)
        await durable()
      }),
    find: (version) => read(keys.report(version)),
    newestVersion: () => fromRedis(() => redis.get(keys.newestReport)),
    async keep(rollout, report) {
      await fromRedis(() => redis.set(keys.startedOn(rollout), JSON.stringify(report), 'PX', keptOfRollout, 'NX'))
    },
    startedOn: (rollout) => read(keys.startedOn(rollout)),
  }
}
