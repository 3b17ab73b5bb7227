import { clip } from '../clip.ts'

const hidden = '[secret]'

/** What follows `token` where they are only counted: `max_tokens: 4096`, `"token_count":12`. */
const counted = String.raw`(?:s|[_-]?(?:count|limit|usage|budget))\w{0,40}["']?(?:\s*[:=]\s*|[ \t]+)(?:\{|[\d.,/]+[a-z%]{0,2}(?![\w-]))`
/** What secrets are called. What may follow the word is bounded, so that no text takes long. */
const words = `pass(?:word|wd|phrase)|pwd|secret|(?:api|access|private|account)[_-]?key|credentials?|token(?!${counted})`
const names = String.raw`(?:${words})[\w-]{0,40}(?<!error|exception|name|file|path)`
/** Between a name and its value; the quotes of JSON within JSON are escaped. */
const equals = String.raw`\\*["']?\s*[:=]\s*`
const quoted = String.raw`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\\+"[^"]*"`
const value = String.raw`(?:${quoted}|[^\s,;&]+)`

/** What looks like a secret, each with what stands in its place. Wrong on the side of hiding too much. */
const secrets: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----.*/gs, hidden],
  // Whatever its scheme: with some, the secret comes last.
  [new RegExp(`(authorization${equals})(?:${quoted}|[^\\n]+)`, 'gis'), `$1${hidden}`],
  // Of an address only the user and password, which may have an @ itself.
  [/(:\/\/)[^\s/]+@/g, `$1${hidden}@`],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${hidden}`],
  [new RegExp(`(${names}${equals})${value}`, 'gis'), `$1${hidden}`],
  // `pass: 3` is what a run of tests says.
  [new RegExp(String.raw`([_-]pass${equals}|pass\\*["']?\s*(?:=|:(?=\s*\\*["']))\s*)${value}`, 'gis'), `$1${hidden}`],
  [new RegExp(String.raw`(--[\w-]{0,40}?(?:${names}|pass)[ \t]+)(?!-)${value}`, 'gis'), `$1${hidden}`],
  [/\b(?:xox[a-z]-|xapp-|gh[a-z]_|github_pat_|glpat-|sk[-_]|AKIA|ASIA)[\w-]{8,}/g, hidden],
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
