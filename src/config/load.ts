import { readFile } from 'node:fs/promises'
import { LineCounter, parseDocument } from 'yaml'
import { SlipwayError } from '../errors.ts'
import type { Config } from './config.ts'
import { crossCheck } from './cross-checks.ts'
import { deepFreeze } from './deep-freeze.ts'
import { locate } from './position.ts'
import { checkSchema } from './schema-mistakes.ts'
import { syntaxMistakes } from './syntax-mistakes.ts'

/**
 * The configuration in a text; `file` is what mistakes call it.
 * @throws SlipwayError `config-invalid` with every mistake as `FILE:LINE:COL: what, expected`, sorted by place.
 */
export function parseConfig(text: string, file: string): Config {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const syntax = syntaxMistakes(document, text, lines)
  const readable = syntax.every((mistake) => mistake.harmless)
  const root: unknown = readable ? document.toJS() : undefined
  const schema = readable ? checkSchema(root) : { mistakes: [] }
  const inContent = readable ? [...schema.mistakes, ...crossCheck(root)] : []

  const mistakes = [
    ...syntax,
    ...inContent.map((mistake) => ({ position: locate(document, lines, mistake), text: mistake.text })),
  ]
  if (mistakes.length === 0 && schema.config !== undefined) return deepFreeze(schema.config)
  const sorted = mistakes
    .sort((a, b) => a.position.line - b.position.line || a.position.col - b.position.col)
    .map(({ position, text }) => `${file}:${position.line}:${position.col}: ${text}`)
  throw new SlipwayError('config-invalid', { file, mistakes: sorted.join('\n') })
}

/**
 * The configuration in a file.
 * @throws SlipwayError `config-unreadable` or `config-invalid`.
 */
export async function loadConfig(file: string): Promise<Config> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new SlipwayError('config-unreadable', { file }, { cause })
  })
  return parseConfig(text, file)
}
