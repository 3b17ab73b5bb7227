import type { Redis } from 'ioredis'
import { z } from 'zod'
import { chained, headAfter } from './chain.ts'
import { createEventReader } from './event-reader.ts'
import { fingerprint } from './fingerprint.ts'
import type { Keys } from './keys.ts'
import type { Ledger } from './ledger.ts'
import { fromRedis } from './redis.ts'

const append = `
local length = redis.call('LLEN', KEYS[1])
if length ~= tonumber(ARGV[1]) then return 'conflict' end
-- What is appended hangs on this very line.
if length > 0 and redis.sha1hex(redis.call('LINDEX', KEYS[1], -1)) ~= ARGV[4] then return 'conflict' end
if length == 0 then
  if redis.call('EXISTS', KEYS[2]) == 1 then return 'service-taken' end
  if tonumber(redis.call('GET', KEYS[3]) or '0') < tonumber(ARGV[2]) then redis.call('SET', KEYS[3], ARGV[2]) end
end
for i = 5, #ARGV do redis.call('RPUSH', KEYS[1], ARGV[i]) end
redis.call('SADD', KEYS[4], ARGV[2])
if ARGV[3] == '1' then redis.call('SET', KEYS[2], ARGV[2])
elseif redis.call('GET', KEYS[2]) == ARGV[2] then redis.call('DEL', KEYS[2]) end
return 'appended'`

/** How long the last readings of a closed rollout can be asked for (ms): they outweigh its ledger by far. */
const readingsKept = 24 * 3_600_000

const close = `
if redis.call('LLEN', KEYS[1]) == tonumber(ARGV[1]) then
  redis.call('SREM', KEYS[2], ARGV[2])
  redis.call('PEXPIRE', KEYS[3], ARGV[3])
  redis.call('PEXPIRE', KEYS[4], ARGV[3])
end
return 1`

const outcome = z.enum(['appended', 'conflict', 'service-taken'])
const count = z.coerce.number().int()

/**
 * The ledger of a service in Redis: a list of events a rollout, and who is active. `durable` resolves when what this Redis holds
 * will outlive it, as far as that can be had: nothing is appended, and nothing acted on, that may be gone a moment later.
 */
export function createRedisLedger(
  redis: Redis,
  service: string,
  keys: Keys,
  durable: () => Promise<void> = async () => undefined,
): Ledger {
  /** The last line of each rollout that is known to be durable. */
  const lasting = new Map<number, string>()
  const events = createEventReader(service)

  return {
    latest: () => fromRedis(async () => count.parse((await redis.get(keys.latest)) ?? 0)),
    active: () =>
      fromRedis(async () => {
        const number = await redis.get(keys.active)
        return number === null ? null : count.parse(number)
      }),
    open: () =>
      fromRedis(async () => (await redis.smembers(keys.open)).map((n) => count.parse(n)).sort((a, b) => a - b)),
    async read(rollout, from) {
      const lines = await fromRedis(() => redis.lrange(keys.events(rollout), from, -1))
      const last = lines.at(-1)
      if (last !== undefined && last !== lasting.get(rollout)) {
        await durable()
        lasting.set(rollout, last)
      }
      return events.read(rollout, from, lines)
    },
    append: (rollout, expected, fresh, holds) =>
      fromRedis(async () => {
        const last = (await redis.lindex(keys.events(rollout), -1)) ?? undefined
        const linked = chained(fresh, headAfter(last))
        const lines = linked.map((e) => JSON.stringify(e))
        const names = [keys.events(rollout), keys.active, keys.latest, keys.open]
        const place = [expected, rollout, holds ? 1 : 0, fingerprint(last ?? '')]
        const result = outcome.parse(await redis.eval(append, names.length, ...names, ...place, ...lines))
        if (result !== 'appended') return result
        await durable()
        return linked
      }),
    async close(rollout, version) {
      lasting.delete(rollout)
      events.forget(rollout)
      const names = [keys.events(rollout), keys.open, keys.readings(rollout), keys.observed(rollout)]
      await fromRedis(() => redis.eval(close, names.length, ...names, version, rollout, readingsKept))
    },
  }
}
