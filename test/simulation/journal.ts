import type { JournalLine } from './outside.ts'

const place = /"rollout":(\d+),"version":(\d+)/
const opening = '{"journal":true,'
const commandOpening = '{"record":true,'

/** Takes the journal's lines from standard output for as long as a run lasts; gives it back when the returned function is called. */
export function captureJournal(take: (line: JournalLine) => void): () => void {
  const write = process.stdout.write
  process.stdout.write = (text: string | Uint8Array, ...rest: readonly unknown[]) => {
    if (typeof text === 'string' && text.startsWith(commandOpening)) return true
    if (typeof text !== 'string' || !text.startsWith(opening))
      return Reflect.apply(write, process.stdout, [text, ...rest])
    const [, rollout, version] = place.exec(text) ?? []
    take({ rollout: Number(rollout), version: Number(version) })
    return true
  }
  return () => {
    process.stdout.write = write
  }
}
