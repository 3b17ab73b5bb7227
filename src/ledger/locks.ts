import type { Redis } from 'ioredis'
import { z } from 'zod'
import { slipway } from '../rollout/decide-rollback.ts'
import { lock as lockSchema } from '../rollout/events.ts'
import type { Lock } from '../rollout/hold.ts'
import type { Keys } from './keys.ts'
import { fromRedis } from './redis.ts'

/** The lock of a service. Every method throws `ledger-unavailable` when Redis does not answer. */
export interface Locks {
  /** The lock that holds; null when there is none. */
  present(): Promise<Lock | null>
  /**
   * Locks; returns the lock that holds then, another one where one did already. Repeating it changes nothing. `unlocked-since`: somebody has
   * unlocked after its `at`, and nothing is done: whoever asks may have stood still meanwhile.
   */
  lock(lock: Lock): Promise<Lock | 'unlocked-since'>
  /**
   * Unlocks for the command of this id, said at `at` (ms since 1970); returns what was locked, null when nothing was. Repeating it says the same.
   * `locked-since`: the lock that holds was set after that, and stays.
   */
  unlock(command: string, at: number): Promise<Lock | null | 'locked-since'>
}

// A lock that was lifted stays known, so that a command that is carried out again after a crash finds what it did.
const lockScript = `
local id = redis.call('HGET', KEYS[1], 'id')
if id and (id == ARGV[1] or redis.call('HEXISTS', KEYS[1], 'lifted') == 0) then return redis.call('HGET', KEYS[1], 'lock') end
local liftedAt = redis.call('HGET', KEYS[1], 'liftedAt') or '0'
if tonumber(liftedAt) > tonumber(ARGV[3]) then return 'unlocked-since' end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'id', ARGV[1], 'lock', ARGV[2], 'at', ARGV[3], 'liftedAt', liftedAt)
return ARGV[2]`

const unlockScript = `
local lifted = redis.call('HGET', KEYS[1], 'lifted')
if lifted and lifted ~= ARGV[1] then return false end
local lock = redis.call('HGET', KEYS[1], 'lock')
if lock and not lifted then
  if tonumber(redis.call('HGET', KEYS[1], 'at') or '0') > tonumber(ARGV[2]) then return 'locked-since' end
  redis.call('HSET', KEYS[1], 'lifted', ARGV[1], 'liftedAt', ARGV[2])
end
return lock`

const text = z.string()

/** What can't be read holds all the same: nobody knows that it was lifted. */
function read(line: string): Lock {
  try {
    return lockSchema.parse(JSON.parse(line))
  } catch {
    return { id: 'unreadable', by: slipway, at: 0, reason: 'what is locked can not be read' }
  }
}

/** `durable` resolves when what this Redis holds will outlive it: a lock is told only then. */
export function createLocks(redis: Redis, keys: Keys, durable: () => Promise<void> = async () => undefined): Locks {
  return {
    present: () =>
      fromRedis(async () => {
        const [line, lifted] = await redis.hmget(keys.lock, 'lock', 'lifted')
        return line == null || lifted != null ? null : read(line)
      }),
    lock: (lock) =>
      fromRedis(async () => {
        const held = text.parse(await redis.eval(lockScript, 1, keys.lock, lock.id, JSON.stringify(lock), lock.at))
        await durable()
        return held === 'unlocked-since' ? held : read(held)
      }),
    unlock: (command, at) =>
      fromRedis(async () => {
        const was = text.nullable().parse(await redis.eval(unlockScript, 1, keys.lock, command, at))
        await durable()
        return was === null || was === 'locked-since' ? was : read(was)
      }),
  }
}
