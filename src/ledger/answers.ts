import type { Redis } from 'ioredis'
import { z } from 'zod'
import { reportSchema } from '../readiness/report.ts'
import type { Keys } from './keys.ts'
import { fromRedis } from './redis.ts'

/** `report`: the readiness report, where one was asked for. */
const answer = z.object({ text: z.string(), refused: z.boolean(), report: reportSchema.exactOptional() })
/** What a terminal is told. */
export type TerminalAnswer = z.infer<typeof answer>

/** Answers on their way to terminals, which look for them by the id of what they asked. */
export interface Answers {
  leave(id: string, answer: TerminalAnswer): Promise<void>
  /** Null as long as there is none. */
  find(id: string): Promise<TerminalAnswer | null>
}

/** How long an answer waits for its terminal, in ms. */
const kept = 10 * 60_000

export function createAnswers(redis: Redis, keys: Keys): Answers {
  return {
    async leave(id, left) {
      await fromRedis(() => redis.set(keys.answered(id), JSON.stringify(left), 'PX', kept))
    },
    find: (id) =>
      fromRedis(async () => {
        const text = await redis.get(keys.answered(id))
        return text === null ? null : answer.parse(JSON.parse(text))
      }),
  }
}
