import { SlipwayError } from '../errors.ts'
import type { EntryToAppend, RecordEntry } from '../ledger/record-entry.ts'
import type { Answer, Desk } from './answer.ts'
import { answerWish } from './answer-wish.ts'
import type { Wish } from './ask.ts'
import { actorOf } from './wish-actor.ts'

/** Until somebody mends it, asking again about people says the same. */
const mended = new Set(['people-refused', 'user-groups-missing', 'user-group-unknown', 'people-undecided'])

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
  if (before?.type === 'asked' && before.outcome === 'refused') return { text: before.answer }
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

/** What its sender is told when nobody can say who holds a role: it is never guessed. Throws again what passes by itself. */
function undecided(error: unknown, last: boolean): Answer {
  if (!(error instanceof SlipwayError)) throw error
  const told = error.code === 'people-unknown' && last ? new SlipwayError('people-undecided', {}) : error
  if (!mended.has(told.code)) throw error
  return { text: `${told.message} Nothing was done. ${told.todo}`, refused: told.code }
}
