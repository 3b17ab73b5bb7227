import type { Redis } from 'ioredis'
import { z } from 'zod'
import type { Keys } from './keys.ts'
import { fromRedis } from './redis.ts'

/** How much of the service's record from before a rollout's start goes with it: its readiness, refused starts (ms). */
export const beforeStart = 24 * 3_600_000

/** What is on record to the letter, as it is chained. */
export interface RecordLines {
  /** The lines of a rollout's ledger. */
  ledger(rollout: number): Promise<readonly string[]>
  /** The lines of the service's record from the first on that is not older than `since` (ms). */
  record(since: number): Promise<readonly string[]>
}

const dated = z.object({ at: z.number() })

export function createRecordLines(redis: Redis, keys: Keys): RecordLines {
  return {
    ledger: (rollout) => fromRedis(() => redis.lrange(keys.events(rollout), 0, -1)),
    async record(since) {
      const lines = await fromRedis(() => redis.lrange(keys.record, 0, -1))
      const first = lines.findIndex((line) => atOf(line) >= since)
      return first < 0 ? [] : lines.slice(first)
    },
  }
}

/** A line that can't be read is no reason to leave out what follows. */
function atOf(line: string): number {
  try {
    return dated.parse(JSON.parse(line)).at
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
