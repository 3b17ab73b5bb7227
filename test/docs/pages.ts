import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Every page of the documents, from the top of the repository. */
export const pages: readonly string[] = [
  ...readdirSync('.'),
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' }).map((file) => join('docs', file)),
].filter((file) => file.endsWith('.md'))
