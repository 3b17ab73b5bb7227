import type { Projector } from './project.ts'

/** Every event is also one JSON line on standard output, so that the record can be read without Slipway (rule 9). */
export function createJournal(write: (line: string) => void): Projector {
  return {
    name: 'journal',
    settles: 0,
    // Whoever reads it goes by the version: a line that is there twice is the same line.
    repeatable: true,
    together: (waiting) => waiting.length,
    async show(shown) {
      for (const { event } of shown) write(`${JSON.stringify({ journal: true, ...event })}\n`)
    },
  }
}
