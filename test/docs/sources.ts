import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The text of every TypeScript file below `src/`, but for the sandbox, which is no part of what is deployed. */
const sources: readonly string[] = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.startsWith('sandbox/'))
  .map((file) => readFileSync(join('src', file), 'utf8'))

/** What a pattern's first group matches in the sources, each once, sorted. */
export function found(pattern: RegExp): readonly string[] {
  const matches = sources.flatMap((text) => [...text.matchAll(pattern)].flatMap(([, group]) => group ?? []))
  return [...new Set(matches)].toSorted()
}
