import { type Document, isMap, isSeq, type LineCounter, visit, type YAMLError } from 'yaml'
import { type Position, positionAt } from './position.ts'

/** A mistake in the YAML itself. */
export interface SyntaxMistake {
  readonly position: Position
  readonly text: string
  /** Can the rest of the file be trusted all the same? */
  readonly harmless: boolean
}

function fromError(error: YAMLError, source: string, lines: LineCounter): SyntaxMistake {
  const position = positionAt(lines, error.pos[0])
  if (error.code === 'MULTIPLE_DOCS') {
    return { position, text: 'another document begins here, expected one', harmless: true }
  }
  if (error.code !== 'DUPLICATE_KEY') {
    return { position, text: `the YAML can't be read here (${error.message}), expected valid YAML`, harmless: false }
  }
  const key = /^[^\s:]+/.exec(source.slice(error.pos[0]))?.[0] ?? 'this key'
  return { position, text: `${key} stands twice, expected each key once`, harmless: true }
}

/** Everything that is wrong before the content is looked at. Aliases are refused: a mistake behind one has no one place. */
export function syntaxMistakes(document: Document, source: string, lines: LineCounter): readonly SyntaxMistake[] {
  const mistakes = [...document.errors, ...document.warnings].map((error) => fromError(error, source, lines))
  visit(document, {
    Pair(_key, { key }) {
      if (!isMap(key) && !isSeq(key)) return
      const position = positionAt(lines, key.range?.[0] ?? 0)
      mistakes.push({ position, text: 'the key is a list or a map, expected a word', harmless: false })
    },
    Alias(_key, alias) {
      const position = positionAt(lines, alias.range?.[0] ?? 0)
      mistakes.push({ position, text: `*${alias.source} is an alias, expected the value itself`, harmless: false })
    },
  })
  return mistakes
}
