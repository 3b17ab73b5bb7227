import { clip } from '../clip.ts'
import { SlipwayError } from '../errors.ts'
import type { PodProblem } from '../jobs/ports.ts'
import type { ReadingClient } from './client.ts'
import { harmless } from './harmless.ts'

/** So many lines are told, each of so many characters at most. */
const told = 10
const longest = 200

/**
 * The last lines of the log of a container that ended, harmless and bounded. Empty where none ended. A log that can't be read
 * keeps nobody from telling the rest: its one line says why.
 */
export async function lastLines(
  client: Pick<ReadingClient, 'readLog'>,
  { pod, ended }: PodProblem,
): Promise<readonly string[]> {
  if (ended === undefined) return []
  try {
    const log = await client.readLog(pod, { ...ended, lines: told })
    // What stands for a secret may be longer than it.
    const lines = harmless(log, Number.POSITIVE_INFINITY).split('\n')
    return lines
      .filter((line) => line.trim() !== '')
      .slice(-told)
      .map((line) => clip(line.trimEnd(), longest))
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error
    return [`(the log can't be read: ${error.message})`]
  }
}
