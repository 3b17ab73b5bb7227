import { SlipwayError } from '../errors.ts'
import type { Clock } from '../jobs/ports.ts'
import { createQueues, queueOfWish } from '../jobs/queues.ts'
import { createAnswers, type TerminalAnswer } from '../ledger/answers.ts'
import { connect } from '../ledger/connect.ts'
import { keysOf } from '../ledger/keys.ts'
import { fromRedis } from '../ledger/redis.ts'
import { redisTime } from '../shared-clock.ts'
import { ask as asks, type Wish } from '../slack/ask.ts'
import { atTerminal } from './terminal.ts'

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

/**
 * Asks a running Slipway through the queue that Slack's commands take. Throws `usage` for what can't be asked,
 * `hand-over-in-doubt` when Redis may have it and did not say so, `nobody-took` when no process was there to take it (then it is withdrawn),
 * `no-answer-yet` when one has taken it and is still at it.
 */
export async function askSlipway(options: AskSlipwayOptions): Promise<TerminalAnswer> {
  const { service, redisUrl, newId, clock, patience } = options
  const parsed = asks.safeParse(options.ask)
  if (!parsed.success) throw new SlipwayError('usage', { what: parsed.error.issues[0]?.message ?? 'Not understood.' })
  const keys = keysOf(service)
  const redis = connect(redisUrl, 'calls')
  const queues = createQueues(redisUrl, keys.queues)
  try {
    await fromRedis(() => redis.connect())
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
    const withdrawn = await queues.withdraw(queue, `wish-${id}`)
    throw new SlipwayError(withdrawn ? 'nobody-took' : 'no-answer-yet', { service })
  } finally {
    await queues.close()
    redis.disconnect()
  }
}
