import { clip } from '../clip.ts'

const hidden = '[secret]'

/** What looks like a secret, each with what stands in its place. Wrong on the side of hiding too much. */
const secrets: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----.*/gs, hidden],
  // Of an address only the user and password.
  [/(:\/\/)[^\s/@]+@/g, `$1${hidden}@`],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${hidden}`],
  [
    /((?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|credentials?|authorization)["']?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,;&]+)/gi,
    `$1${hidden}`,
  ],
  [/\b(?:xox[a-z]-|xapp-|gh[a-z]_|github_pat_|glpat-|sk-|AKIA|ASIA)[\w-]{8,}/g, hidden],
  // A key's line; a digest in hex is none.
  [/(?<![\w+/])(?![0-9a-f]+(?![\w+/]))[A-Za-z0-9+/]{48,}={0,2}/g, hidden],
  // A JSON Web Token.
  [/\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, hidden],
]

/** Colours and cursor moves of a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be taken out
const escapes = /\u001b\[[0-9;?]*[ -/]*[@-~]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be taken out
const controls = /[\u0000-\u0008\u000b-\u001f\u007f]/g

/**
 * What a pod says, fit to be told: without what looks like a secret (rule 10), without control characters, at most `most`
 * characters long.
 */
export function harmless(text: string, most: number): string {
  const plain = text.replaceAll(escapes, '').replaceAll(controls, ' ')
  const masked = secrets.reduce((masking, [pattern, shown]) => masking.replaceAll(pattern, shown), plain)
  return clip(masked, most)
}
