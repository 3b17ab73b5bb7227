import type { Redis } from 'ioredis'
import { z } from 'zod'
import type { Clock } from '../jobs/ports.ts'
import type { Keys } from './keys.ts'
import { fromRedis } from './redis.ts'

/**
 * What may be done how often, all processes together. A bucket holds `burst` turns at most and gets one back every `every` ms.
 * Slack takes about one post a second to a channel, with short bursts, and some 50 edits a minute (design.md, Slack;
 * docs.slack.dev/apis/web-api/rate-limits). Of the edits the card leaves two to those that take buttons away.
 */
export const turns = {
  post: { bucket: 'post', every: 1_000, burst: 5 },
  edit: { bucket: 'edit', every: 1_200, burst: 3 },
  card: { bucket: 'edit', every: 1_200, burst: 1 },
} as const
export type Turn = keyof typeof turns

/** Keeps what Slipway posts and edits within what Slack takes. */
export interface Pace {
  /** Takes a turn of each kind, or of none where one of them is not due yet. Returns 0, or how long that will be, in ms. */
  take(...wanted: readonly Turn[]): Promise<number>
  /** Slack asks to be left alone for `ms`: nobody has a turn of this kind before, for 5 minutes at most. */
  hold(turn: Turn, ms: number): Promise<void>
}

// Each key holds when its bucket will be full again, by the clock of Redis, which all processes share.
const now = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`
const takeScript = `${now}
local full, wait = {}, 0
for i, key in ipairs(KEYS) do
  local every, burst = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  full[key] = math.max(full[key] or tonumber(redis.call('GET', key) or '0'), now) + every
  wait = math.max(wait, full[key] - now - burst * every)
end
if wait > 0 then return math.ceil(wait) end
for key, at in pairs(full) do redis.call('SET', key, string.format('%.0f', at), 'PX', math.ceil(at - now)) end
return 0`
const holdScript = `${now}
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now + tonumber(ARGV[1]))
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.max(1, math.ceil(full - now)))
return 0`

const wait = z.number()
/** A message must not wait for hours, whatever Slack asks for. In ms. */
const longestHold = 5 * 60_000

/** `speed` divides every time: for a Slack that takes more than Slack does, as the sandbox's may. */
export function createPace(redis: Redis, keys: Keys, speed = 1): Pace {
  const keyOf = (turn: Turn) => keys.pace(turns[turn].bucket)
  return {
    take: (...wanted) =>
      fromRedis(async () => {
        const rates = wanted.flatMap((turn) => [Math.ceil(turns[turn].every / speed), turns[turn].burst])
        return wait.parse(await redis.eval(takeScript, wanted.length, ...wanted.map(keyOf), ...rates))
      }),
    async hold(turn, ms) {
      await fromRedis(() =>
        redis.eval(holdScript, 1, keyOf(turn), Math.ceil(Math.min(ms, longestHold) + emptied(turn) / speed)),
      )
    },
  }
}

/** From when a bucket has its next turn until it is full, in ms. */
export function emptied(turn: Turn): number {
  return (turns[turn].burst - 1) * turns[turn].every
}

/** Waits until there is a turn, and takes it. */
export async function waitForTurn(pace: Pace, clock: Clock, turn: Turn): Promise<void> {
  for (let after = await pace.take(turn); after > 0; after = await pace.take(turn)) await clock.wait(after)
}
