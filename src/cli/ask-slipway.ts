import { SlipwayError } from '../errors.ts'
import type { Clock } from '../jobs/ports.ts'
import { createQueues, queueOfWish } from '../jobs/queues.ts'
import { createAnswers, type TerminalAnswer } from '../ledger/answers.ts'
import { keysOf } from '../ledger/keys.ts'
import { fromRedis } from '../ledger/redis.ts'
import { redisTime } from '../shared-clock.ts'
import { ask as asks, type Wish } from '../slack/ask.ts'
import { atTerminal } from './terminal.ts'
import { withRedis } from './with-redis.ts'

export interface AskSlipwayOptions {
  /** What is wanted, as a command in Slack would say it. */
  readonly ask: object
  readonly service: string
  readonly redisUrl: string
  readonly newId: () => string
  readonly clock: Clock
  /** How long Slipway may take to answer, in ms. */
  readonly patience: number
}

/** Time between two looks for the answer, in ms. */
const pause = 100

/** A Redis that misses one look has not forgotten what was asked: the next look may find the answer. */
function noneYet(error: unknown): null {
  if (error instanceof SlipwayError && error.code === 'ledger-unavailable') return null
  throw error
}

/** What Redis may have is perhaps done. */
function inDoubt(cause: unknown): never {
  throw new SlipwayError('hand-over-in-doubt', {}, { cause })
}

/** Nothing goes on without Redis that a terminal has asked for. */
function notHandedOver(error: unknown): never {
  if (!(error instanceof SlipwayError)) throw error
  const { code, message: what, cause } = error
  if (code !== 'ledger-unavailable' && code !== 'ledger-refused') throw error
  throw new SlipwayError('not-handed-over', { what, refused: code === 'ledger-refused' }, { cause })
}

/**
 * Asks a running Slipway through the queue that Slack's commands take. Throws `usage` for what can't be asked,
 * `not-handed-over` when Redis surely does not have it, `hand-over-in-doubt` when Redis may have it and did not say so, `nobody-took` when no process was there to take it (then it is withdrawn),
 * `no-answer-yet` when one has taken it and is still at it.
 */
export async function askSlipway(options: AskSlipwayOptions): Promise<TerminalAnswer> {
  const { service, redisUrl, newId, clock, patience } = options
  const parsed = asks.safeParse(options.ask)
  if (!parsed.success) throw new SlipwayError('usage', { what: parsed.error.issues[0]?.message ?? 'Not understood.' })
  const keys = keysOf(service)
  return withRedis(redisUrl, async (redis) => {
    const queues = createQueues(redisUrl, keys.queues)
    try {
      const answers = createAnswers(redis, keys)
      const who = atTerminal()
      const id = `t-${newId()}`
      const user = { id: `cli:${who}`, name: `${who} (terminal, unverified)` }
      const at = Math.round(await fromRedis(() => redisTime(redis)))
      const wish: Wish = { id, at, user, from: { via: 'terminal' }, ask: parsed.data }
      const queue = queueOfWish(parsed.data.kind)
      await queues.add(queue, `wish-${id}`, 'wish', wish)
      const end = clock.now() + patience
      while (clock.now() < end) {
        const answer = await answers.find(id).catch(noneYet)
        if (answer !== null) return answer
        await clock.wait(pause)
      }
      const withdrawn = await queues.withdraw(queue, `wish-${id}`).catch(inDoubt)
      throw new SlipwayError(withdrawn ? 'nobody-took' : 'no-answer-yet', { service })
    } finally {
      await queues.close()
    }
  }).catch(notHandedOver)
}
