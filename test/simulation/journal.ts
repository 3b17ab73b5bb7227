import { z } from 'zod'
import type { JournalLine } from './outside.ts'

const line = z.object({ rollout: z.number(), version: z.number() })
const opening = '{"journal":true,'

/** Takes the journal's lines from standard output for as long as a run lasts; gives it back when the returned function is called. */
export function captureJournal(take: (line: JournalLine) => void): () => void {
  const write = process.stdout.write
  process.stdout.write = (text: string | Uint8Array, ...rest: readonly unknown[]) => {
    if (typeof text !== 'string' || !text.startsWith(opening))
      return Reflect.apply(write, process.stdout, [text, ...rest])
    take(line.parse(JSON.parse(text)))
    return true
  }
  return () => {
    process.stdout.write = write
  }
}
