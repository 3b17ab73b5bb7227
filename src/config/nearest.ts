/** Edits (insert, delete, replace) from one word to the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1]
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}

/** The known word closest to what was written; undefined when none is like it. */
export function nearest(written: string, known: readonly string[]): string | undefined {
  const lower = written.toLowerCase()
  const [closest] = known
    .map((word) => ({ word, edits: distance(lower, word.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits)
  return closest !== undefined && closest.edits <= Math.ceil(written.length / 2) ? closest.word : undefined
}

/** What was expected instead of a word that isn't known: the nearest, or all of them. */
export function expectedOf(written: string, known: readonly string[]): string {
  const guess = nearest(written, known)
  if (guess !== undefined) return `the nearest is ${guess}`
  return known.length === 0 ? 'there is none' : `there are ${known.join(', ')}`
}
