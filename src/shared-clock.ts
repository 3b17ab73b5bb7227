import type { Redis } from 'ioredis'
import { systemClock } from './clock.ts'
import type { Clock } from './jobs/ports.ts'
import { fromRedis, redisPatience } from './ledger/redis.ts'

/** The time that all processes of a service share; see docs/decisions/clock.md. */
export interface SharedClock extends Clock {
  /**
   * Asks Redis once and follows it: the first answer sets the time, later ones pull it. Returns by how much Redis was
   * ahead of this clock (ms), or null when the answer took too long to tell. Throws `ledger-unavailable`.
   */
  sync(): Promise<number | null>
}

export interface TimeSources {
  /** Redis' time, in ms since 1970. */
  readonly ask: () => Promise<number>
  /** A time that never jumps, in ms since any moment. */
  readonly monotonic: () => number
  /** The machine's own time, which may jump: looked at once. */
  readonly wall: () => number
}

/**
 * An answer that took longer says too little: half of it is uncertain (ms). The first one may take as long as Redis may: if it took
 * longer, the process stood still meanwhile.
 */
const longestRoundTrip = 250
const longestFirst = redisPatience
/** How much faster or slower than real time it runs at most while it follows Redis. */
const slew = 0.05

export function createSharedClock({ ask, monotonic, wall }: TimeSources): SharedClock {
  /** From `since` (monotonic) on, `offset` plus a growing part of `pull` is added to the monotonic time. */
  let course = { since: monotonic(), offset: wall() - monotonic(), pull: 0 }
  let synced = false

  function offsetAt(moment: number): number {
    const { since, offset, pull } = course
    const most = slew * (moment - since)
    return offset + Math.max(-most, Math.min(most, pull))
  }

  return {
    now() {
      const moment = monotonic()
      return Math.floor(moment + offsetAt(moment))
    },
    wait: systemClock.wait,
    async sync() {
      const asked = monotonic()
      const told = await fromRedis(ask)
      const moment = monotonic()
      const roundTrip = moment - asked
      if (roundTrip > (synced ? longestRoundTrip : longestFirst)) return null
      const measured = told + roundTrip / 2 - moment
      const offset = offsetAt(moment)
      const ahead = measured - offset
      course = synced ? { since: moment, offset, pull: ahead } : { since: moment, offset: measured, pull: 0 }
      synced = true
      return ahead
    },
  }
}

/** Redis' own time, in ms since 1970. */
export async function redisTime(redis: Pick<Redis, 'time'>): Promise<number> {
  const [seconds, microseconds] = await redis.time()
  return Number(seconds) * 1_000 + Number(microseconds) / 1_000
}
