import type { Redis } from 'ioredis'
import { z } from 'zod'
import { type Readings, readingsKept } from '../rollout/analysis.ts'
import { missingReasons } from '../rollout/plan.ts'
import type { Keys } from './keys.ts'
import { fromRedis } from './redis.ts'

/**
 * How long readings and observed time outlast the last reading (ms): no longer stop of Slipway is bridged. Whoever stood still and writes
 * for a rollout that was closed meanwhile leaves nothing that would stay.
 */
const keptAfterLast = 7 * 24 * 3_600_000

const readings: z.ZodType<Readings> = z.object({
  at: z.number(),
  phase: z.number(),
  values: z.record(
    z.string(),
    z.union([
      z.object({ value: z.number(), stable: z.number().exactOptional() }),
      z.object({ missing: z.enum([...missingReasons, 'warming-up']), detail: z.string() }),
    ]),
  ),
})

// The newest reading must be older than half an interval: two watchers at once count the time once.
const record = `
local last = redis.call('LINDEX', KEYS[1], -1)
if last and cjson.decode(last).at > tonumber(ARGV[1]) then return redis.call('HGET', KEYS[2], ARGV[3]) or '0' end
-- Whoever took this reading may have stood still since it looked at the ones before: no time is counted twice.
local counted = tonumber(ARGV[4])
if last then counted = math.min(counted, tonumber(ARGV[6]) - cjson.decode(last).at) end
redis.call('RPUSH', KEYS[1], ARGV[2])
redis.call('LTRIM', KEYS[1], -tonumber(ARGV[5]), -1)
local sum = redis.call('HINCRBY', KEYS[2], ARGV[3], math.max(0, math.floor(counted)))
redis.call('PEXPIRE', KEYS[1], ARGV[7])
redis.call('PEXPIRE', KEYS[2], ARGV[7])
return tostring(sum)`

/** What comes every few seconds, kept beside the ledger: readings (bounded) and observed time. */
export interface Beside {
  /** Readings of a rollout's phase, oldest first. */
  readings(rollout: number, phase: number): Promise<readonly Readings[]>
  /** Keeps readings and adds `counted` ms of observed time under `soak`; returns the sum. Counts once per interval. */
  record(rollout: number, soak: string, readings: Readings, counted: number, interval: number): Promise<number>
  /** Observed ms under `soak`. */
  observed(rollout: number, soak: string): Promise<number>
  /** Notes that an alert of this title fired at `at` (ms), by Alertmanager's id of it; null: it has ended. */
  alert(rollout: number, title: string, fingerprint: string, at: number | null): Promise<void>
  /** When one of a rollout's alerts that have not ended fired last (ms), of this title or of any; null when there is none. */
  alertFired(rollout: number, title?: string): Promise<number | null>
  /** Notes that Slack could be reached at `at`, as one process of them all knows. */
  hear(at: number): Promise<void>
  /** When Slack was last known to be reachable; null when nobody ever noted it. */
  heard(): Promise<number | null>
}

const number = z.coerce.number()

export function createBeside(redis: Redis, keys: Keys): Beside {
  return {
    readings: (rollout, phase) =>
      fromRedis(async () => {
        const lines = await redis.lrange(keys.readings(rollout), -readingsKept, -1)
        return lines.map((line) => readings.parse(JSON.parse(line))).filter((r) => r.phase === phase)
      }),
    record: (rollout, soak, taken, counted, interval) =>
      fromRedis(async () => {
        const names = [keys.readings(rollout), keys.observed(rollout)]
        const since = taken.at - interval / 2
        return number.parse(
          await redis.eval(
            record,
            2,
            ...names,
            since,
            JSON.stringify(taken),
            soak,
            Math.round(counted),
            readingsKept,
            taken.at,
            keptAfterLast,
          ),
        )
      }),
    observed: (rollout, soak) =>
      fromRedis(async () => number.parse((await redis.hget(keys.observed(rollout), soak)) ?? 0)),
    async alert(rollout, title, fingerprint, at) {
      const [key, member] = [keys.alerts(rollout), `${fingerprint}/${title}`]
      await fromRedis(() => (at === null ? redis.zrem(key, member) : redis.zadd(key, at, member)))
    },
    alertFired: (rollout, title) =>
      fromRedis(async () => {
        const noted = await redis.zrevrange(keys.alerts(rollout), 0, -1, 'WITHSCORES')
        const isOne = (member = '') => title === undefined || member.slice(member.indexOf('/') + 1) === title
        const at = noted.find((_, i) => i % 2 === 1 && isOne(noted[i - 1]))
        return at === undefined ? null : number.parse(at)
      }),
    async hear(at) {
      await fromRedis(() => redis.set(keys.heard, at))
    },
    heard: () =>
      fromRedis(async () => {
        const at = await redis.get(keys.heard)
        return at === null ? null : number.parse(at)
      }),
  }
}
