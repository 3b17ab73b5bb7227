import type { Clock } from '../jobs/ports.ts'
import type { ServiceRecord } from './record.ts'
import type { EntryToAppend } from './record-entry.ts'

/** Time between two attempts, in ms. */
const pause = 1_000
/** What a long absence of Redis may leave to be recorded. */
const most = 1_000

/** Puts on record what was answered while Redis was away, in order, when it is back; as long as this process lives. */
export function createRecordLater(
  record: Pick<ServiceRecord, 'append'>,
  clock: Pick<Clock, 'wait'>,
): (entry: EntryToAppend) => void {
  const waiting: EntryToAppend[] = []

  async function recordAll(): Promise<void> {
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      const appended = await record.append(first).catch(() => null)
      if (appended === null) await clock.wait(pause)
      else waiting.shift()
    }
  }

  return (entry) => {
    if (waiting.length >= most) return
    waiting.push(entry)
    if (waiting.length === 1) void recordAll()
  }
}
