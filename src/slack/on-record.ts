import type { EntryToAppend, RecordEntry } from '../ledger/record-entry.ts'
import { type Answer, answerWish, type Desk } from './answer-wish.ts'
import type { Wish } from './ask.ts'
import { actorOf } from './wish-actor.ts'

/**
 * Carries a wish out and puts it on record with what became of it, once. After a crash between the two it is asked again: the
 * ledger knows the command then, and the record catches up; what was refused on record stays refused.
 */
export async function answerOnRecord(desk: Desk, wish: Wish, told: (entry: RecordEntry) => void): Promise<Answer> {
  const { record } = desk.world
  // Nothing stands before a rollback (rule 1).
  const before = wish.ask.kind === 'rollback' ? null : await record.find(wish.id)
  if (before?.type === 'asked' && before.outcome === 'refused') return { text: before.answer }
  const answer = await answerWish(desk, wish)
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
