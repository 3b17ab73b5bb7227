import { SlipwayError } from '../errors.ts'
import type { Cursors } from '../ledger/cursors.ts'
import type { Messenger } from './messenger.ts'

/** Note under which the card's timestamp is kept: it is the root of the thread. */
export const rootNote = 'root'
/** Where it stood before somebody deleted the card, each time, with a space between. */
export const formerRootsNote = 'former-roots'

/** Where a rollout is told: the root of its thread, then of those whose card somebody has deleted. Empty before the card is posted. */
export async function threadsOf(cursors: Pick<Cursors, 'note'>, rollout: number): Promise<readonly string[]> {
  const root = await cursors.note(rollout, rootNote)
  if (root === null) return []
  const former = await cursors.note(rollout, formerRootsNote)
  return [root, ...(former?.split(' ') ?? [])]
}

/** Which of these ids are there in any of these threads, with their message's timestamp. Only the first thread has to be there. */
export async function findIn(
  messenger: Pick<Messenger, 'find'>,
  [root, ...former]: readonly string[],
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (root === undefined || ids.length === 0) return new Map()
  const found = new Map(await messenger.find(ids, { thread: root }))
  for (const thread of former) {
    const left = ids.filter((id) => !found.has(id))
    if (left.length === 0) break
    for (const [id, ts] of await findIfThere(messenger, thread, left)) found.set(id, ts)
  }
  return found
}

/** A card that was deleted before anything was told below it has left no thread. */
async function findIfThere(messenger: Pick<Messenger, 'find'>, thread: string, ids: readonly string[]) {
  try {
    return await messenger.find(ids, { thread })
  } catch (error) {
    if (error instanceof SlipwayError && 'error' in error.detail && error.detail.error === 'thread_not_found')
      return new Map<string, string>()
    throw error
  }
}
