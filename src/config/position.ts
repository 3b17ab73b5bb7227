import { type Document, isMap, isNode, isScalar, isSeq, type LineCounter, type Node, type Pair } from 'yaml'
import type { Mistake } from './mistake.ts'

/** A place in the file, both from 1. */
export interface Position {
  readonly line: number
  readonly col: number
}

/** The position of an offset; an empty file's is its beginning. */
export function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(1, line), col: Math.max(1, col) }
}

const pairOf = (pairs: readonly Pair[], key: string) =>
  pairs.find((pair) => String(isScalar(pair.key) ? pair.key.value : pair.key) === key)

const start = (node: unknown) => (isNode(node) ? node.range?.[0] : undefined)

/** Where a mistake is: its value or key; of something that is missing, the key or item that lacks it. */
export function locate(document: Document, lines: LineCounter, mistake: Mistake): Position {
  let node: Node | null = document.contents
  let offset = start(node) ?? 0
  for (const [index, part] of mistake.path.entries()) {
    const last = index === mistake.path.length - 1
    if (isSeq(node)) {
      const item: unknown = node.items[Number(part)]
      if (!isNode(item)) break
      node = item
      offset = start(node) ?? offset
    } else {
      const pair: Pair | undefined = isMap(node) ? pairOf(node.items, String(part)) : undefined
      if (pair === undefined) break
      const value = isNode(pair.value) ? pair.value : null
      node = value
      offset = (last && mistake.at === 'value' && !isMap(value) ? start(value) : undefined) ?? start(pair.key) ?? offset
    }
  }
  return positionAt(lines, offset)
}
