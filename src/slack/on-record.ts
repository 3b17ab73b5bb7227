import { isErrorCode, SlipwayError } from '../errors.ts'
import { isLedgerAway, isPassing, tell } from '../jobs/failure.ts'
import type { EntryToAppend, RecordEntry } from '../ledger/record-entry.ts'
import type { Answer, Desk } from './answer.ts'
import { answerWish } from './answer-wish.ts'
import type { Wish } from './ask.ts'
import { actorOf } from './wish-actor.ts'

/** Until somebody mends it, asking again about people says the same. */
const mended = new Set(['people-refused', 'user-groups-missing', 'user-group-unknown', 'people-undecided', 'given-up'])

/**
 * Carries a wish out and puts it on record with what became of it, once. After a crash between the two it is asked again: the
 * ledger knows the command then, and the record catches up; what was refused on record stays refused. `last`: it will not be
 * tried again. @throws SlipwayError `people-unknown` while it can't be decided and is to be tried again.
 */
export async function answerOnRecord(
  desk: Desk,
  wish: Wish,
  told: (entry: RecordEntry) => void,
  last = false,
): Promise<Answer> {
  const { record } = desk.world
  // Nothing stands before a rollback (rule 1).
  const before = wish.ask.kind === 'rollback' ? null : await record.find(wish.id)
  // What can be chosen is offered again.
  if (before?.type === 'asked' && before.outcome === 'refused' && before.code !== 'choose-role')
    return { text: before.answer, refused: isErrorCode(before.code) ? before.code : 'usage' }
  const answer = await answerWish(desk, wish).catch((error: unknown) => undecided(error, last))
  // Asked again and again by a terminal that watches: whoever makes the report knows whether anything has changed.
  if (wish.ask.kind === 'readiness' && wish.ask.seen !== undefined && answer.refused === undefined) return answer
  told(await record.append(await entryOf(desk, wish, answer)))
  return answer
}

/** What goes on record of a wish and its answer. */
export function askedEntry(wish: Wish, { text, refused }: Answer): Extract<EntryToAppend, { type: 'asked' }> {
  const { id, at, ask, target, from, thread } = wish
  return {
    type: 'asked',
    id,
    at,
    by: actorOf(wish),
    ...(from && { from: { ...from, ...(thread !== undefined && { thread }) } }),
    ask,
    ...(target && { target }),
    outcome: refused === undefined ? 'done' : 'refused',
    ...(refused !== undefined && { code: refused }),
    answer: text,
  }
}

async function entryOf({ world }: Desk, wish: Wish, answer: Answer): Promise<EntryToAppend> {
  const entry = askedEntry(wish, answer)
  if (answer.rollout === undefined) return entry
  const events = await world.rollouts.history(answer.rollout)
  const last = events.findLast((event) => event.command === wish.id)
  if (last?.hash === undefined) return entry
  return { ...entry, led: { rollout: last.rollout, version: last.version, hash: last.hash } }
}

/** What its sender is told when it can't be decided: who holds a role is never guessed. Throws again what is tried again. */
function undecided(error: unknown, last: boolean): Answer {
  const told = last ? lastly(error) : error
  if (!(told instanceof SlipwayError) || !mended.has(told.code)) throw error
  const done = told.code === 'given-up' ? '' : ' Nothing was done.'
  return { text: `${told.message}${done} ${told.todo}`, refused: told.code }
}

/** What is left to say when it is not tried again; without Redis nothing could be. */
function lastly(error: unknown): unknown {
  const { code } = tell(error)
  if (isLedgerAway(error) || mended.has(code)) return error
  return code === 'people-unknown' ? new SlipwayError('people-undecided', {}, { cause: error }) : givenUp(error)
}

/** What is told of what is not tried again. */
export function givenUp(error: unknown): SlipwayError<'given-up'> {
  const { what, todo } = tell(error)
  return new SlipwayError(
    'given-up',
    { what, todo: isPassing(error) ? 'The log holds the cause.' : todo },
    { cause: error },
  )
}
