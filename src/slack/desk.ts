import { SlipwayError } from '../errors.ts'
import type { Emergency } from '../jobs/emergency.ts'
import { tell } from '../jobs/failure.ts'
import { type Queues, queueOfWish } from '../jobs/queues.ts'
import type { EntryToAppend } from '../ledger/record-entry.ts'
import { undoneText } from '../rollout/point-of-no-return.ts'
import type { Answer } from './answer.ts'
import { helpText } from './answer-wish.ts'
import { jobIdOf, type Wish } from './ask.ts'
import { questionWithoutRedis } from './confirm-rollback.ts'
import type { Look } from './look.ts'
import type { Messenger } from './messenger.ts'
import { askedEntry } from './on-record.ts'
import { tellAnswer, tellingOf } from './tell-answer.ts'

/** Takes wishes from the listeners: into the queue, or, while Redis is away, into a person's hands at once. */
export interface FrontDesk {
  /**
   * Hands the wish on; resolves when it is safe, so that the listener may acknowledge. Rejects when neither the queue nor
   * its sender could be reached: without an acknowledgement Slack itself tells the sender that it did not arrive.
   */
  take(wish: Wish): Promise<void>
  /** Puts on record what a listener has refused by itself, with what it has answered. */
  refused(wish: Wish, answer: Answer): void
}

/** What a rollback takes without Redis. */
type Hands = Pick<Emergency, 'canTakeBack' | 'passed' | 'takeBack'>

export function createFrontDesk(
  queues: Pick<Queues, 'add'>,
  emergency: Hands,
  messenger: Messenger,
  service: string,
  look: Pick<Look, 'fromMemory' | 'barred'>,
  recordLater: (entry: EntryToAppend) => void,
): FrontDesk {
  const reasons: Reasons = new Map()
  return {
    async take(wish) {
      try {
        await queues.add(queueOfWish(wish.ask.kind), jobIdOf('wish', wish), 'wish', wish)
      } catch (error) {
        const answer = await withoutRedis({ emergency, service, look, reasons }, wish, error)
        recordLater(entryOf(wish, answer))
        await tellAnswer(messenger, tellingOf(wish, answer), wish.at)
      }
    },
    refused: (wish, answer) => recordLater(askedEntry(wish, answer)),
  }
}

/** A doubt is no outcome: what becomes of the wish, if anything does, is told under the wish's own id by whoever carries it out. */
function entryOf(wish: Wish, answer: Answer): EntryToAppend {
  const entry = askedEntry(wish, answer)
  return answer.refused === 'hand-over-in-doubt' ? { ...entry, id: `${entry.id}/in-doubt` } : entry
}

/** What is at hand while Redis is away. */
interface Alone {
  readonly emergency: Hands
  readonly service: string
  readonly look: Pick<Look, 'fromMemory' | 'barred'>
  readonly reasons: Reasons
}

/** Why somebody asked for a rollback, by the id of the wish that was answered with a question: its button carries no reason. Few are asked without Redis. */
type Reasons = Map<string, string>

/** A rollback goes on without Redis (rule 1); everything else waits, and says so. */
async function withoutRedis({ emergency, service, look, reasons }: Alone, wish: Wish, cause: unknown): Promise<Answer> {
  const { ask, user } = wish
  if (ask.kind === 'help') return { text: helpText }
  if (ask.kind === 'unclear') return { text: ask.mistake, refused: 'usage' }
  const barred = await look.barred(wish)
  if (barred !== null) return barred
  if (ask.kind === 'status') return { text: look.fromMemory() }
  if (ask.kind !== 'rollback') {
    const { code: how, what, todo: then } = tell(cause)
    if (how === 'hand-over-in-doubt')
      return { text: `${what} ${then} Try again if nothing has come of it.`, refused: how }
    const { code, message, todo } = new SlipwayError('ledger-unavailable', { after: 1_000 }, { cause })
    return { text: `${message} Nothing was done. ${todo} Try again then.`, refused: code }
  }
  const question = emergency.canTakeBack ? await questionWithoutRedis(emergency, service, wish.id, ask) : null
  const reason = ask.reason === '' ? (reasons.get(wish.question ?? '') ?? '') : ask.reason
  if (question !== null) {
    if (reason !== '') reasons.set(wish.id, reason)
    return question
  }
  try {
    const done = await emergency.takeBack({
      by: { ...user, via: 'slack' },
      reason,
      forced: ask.forced,
    })
    const { stable, from, pointOfNoReturn: point } = done
    const text = `Rolled back without Redis: all traffic is on stable (${stable}), read back. The thread tells it when Redis is back.`
    return { text: point === undefined ? text : `${text} ${undoneText(point, from)}` }
  } catch (error) {
    const { code, what, todo } = tell(error)
    if (code === 'observes-only') return { text: `${what} ${todo}` }
    return { text: `ROLLBACK NOT DONE. ${what} ${todo} By hand: slipway rollback -f` }
  }
}
