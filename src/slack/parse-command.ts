import { clip } from '../clip.ts'
import { nearest } from '../config/nearest.ts'
import { readRelease } from '../config/release-name.ts'
import { type Ask, ask, longestReason } from './ask.ts'
import { afterDashes, isSeen, optionIn, sortWords } from './command-words.ts'
import { type Command, usages } from './usages.ts'

/** The options of the commands that have some. */
const optionsOf: Readonly<Partial<Record<Command, readonly string[]>>> = {
  advance: ['all', 'override', 'dry-run'],
  rollback: ['f', 'force'],
}

/** What changes something and takes nothing: more words may well say that it is not meant. */
const takeNothing = new Set<Command>(['withdraw', 'nudge', 'cancel', 'resume', 'take-over', 'unlock', 'finish'])

/** What only shows and takes nothing, whatever stands behind it. */
const onlyShow = new Set<Command>(['status', 'mine', 'help'])

/** The text after `/deploy` (or after the mention) as an ask; `mistake` says in words what is wrong and what would work. */
export function parseCommand(text: string): { readonly ask: Ask } | { readonly mistake: string } {
  const [name = '', ...given] = tidy(text).split(' ').filter(isSeen)
  if (name === '') return { ask: { kind: 'help' } }
  const command = Object.keys(usages).find((c): c is Command => c === name.toLowerCase())
  if (command === undefined)
    return {
      mistake: `There is no \`/deploy ${clean(name)}\`. Did you mean \`/deploy ${nearest(name, Object.keys(usages)) ?? 'help'}\`? See \`/deploy help\`.`,
    }
  if (takeNothing.has(command) && given.length > 0)
    return { mistake: `\`/deploy ${command}\` takes nothing more, so nothing was done. ${usages[command]}` }
  const { options, words } = sortWords(given, optionsOf[command] ?? [])
  const odd = oddOption(command, words, options)
  if (odd !== null) return { mistake: noOption(command, odd) }
  const reason = reasonIn(words)
  const read = takesReason(command) && reason !== '' ? parseReason(reason) : null
  if (read !== null && 'mistake' in read) return read
  if (options.has('override') && reasonIn(words.slice(1)) === '')
    return { mistake: `A reason is needed: it goes on record. ${usages.advance}` }
  const parsed = ask.safeParse(askOf(command, words, options))
  if (parsed.success) return { ask: parsed.data }
  const what =
    words.length === 0
      ? `The ${missing(command)} is missing.`
      : `Not understood: ${parsed.error.issues[0]?.message ?? 'something else was expected'}.`
  return { mistake: `${what} ${usages[command]}` }
}

function askOf(command: Command, words: readonly string[], options: ReadonlySet<string>): unknown {
  switch (command) {
    case 'readiness':
      return { kind: command, ...readRelease(words.join(' ')) }
    case 'advance': {
      const [named = '', ...more] = words
      const reason = clip(reasonIn(more), longestReason)
      return {
        kind: command,
        ...(named !== '' && readRelease(named)),
        ...(reason !== '' && { reason }),
        ...(options.has('all') && { all: true }),
        ...(options.has('override') && { override: true }),
        ...(options.has('dry-run') && { dryRun: true }),
      }
    }
    case 'approve':
      return words.length === 0 ? { kind: command } : { kind: command, role: words.join(' ') }
    case 'history':
      return words.length === 0
        ? { kind: command }
        : { kind: command, rollout: Number(words.join(' ').replace(/^#/, '')) }
    case 'rollback':
      // Nobody should be refused a rollback for a reason that is too long.
      return { kind: command, reason: clip(reasonIn(words), longestReason), forced: options.size > 0, confirmed: false }
    case 'handover':
      return { kind: command, to: words.join(' ').replace(/^@/, '') }
    case 'reject':
    case 'skip-soak':
    case 'abort':
    case 'pause':
    case 'lock':
    case 'override':
      return { kind: command, reason: reasonIn(words) }
    default:
      return { kind: command }
  }
}

/** A dash before a reason is none of its words. */
function reasonIn(words: readonly string[]): string {
  return afterDashes(words).join(' ')
}

/**
 * The name of an option that there is not, where one could stand: never part of a reason, or `—dry-rum` would start a rollout. A rollback
 * is refused for nothing, but where somebody takes a forced one for a rehearsal.
 */
function oddOption(command: Command, words: readonly string[], options: ReadonlySet<string>): string | null {
  if (onlyShow.has(command)) return null
  const dashed = afterDashes(words).map(optionIn)
  if (command === 'rollback') return options.size > 0 && dashed.includes('dry-run') ? 'dry-run' : null
  return (command === 'advance' ? dashed : dashed.slice(0, 1)).find((option) => option !== null) ?? null
}

function noOption(command: Command, name: string): string {
  const known = (optionsOf[command] ?? []).filter((option) => option.length > 1)
  const guess = nearest(name, known)
  const hint = guess === undefined ? '' : ` Did you mean \`--${guess}\`?`
  const reason = known.length > 0 || takesReason(command) ? ' In a reason a dash stands alone.' : ''
  return `There is no option \`--${clean(name)}\` here, so nothing was done.${hint}${reason} ${usages[command]}`
}

/** What a command takes that was left out. */
function missing(command: Command): string {
  return command === 'handover' ? 'person' : takesReason(command) ? 'reason' : 'version'
}

function takesReason(command: Command): boolean {
  return ['skip-soak', 'abort', 'pause', 'reject', 'lock', 'override'].includes(command)
}

/** A reason that must be there, as it goes on record. */
export function parseReason(text: string): { readonly reason: string } | { readonly mistake: string } {
  const reason = tidy(text)
  if (reason === '') return { mistake: 'A reason is needed: it goes on record.' }
  if (reason.length <= longestReason) return { reason }
  return {
    mistake: `Your reason has ${reason.length} characters, at most ${longestReason} fit. Nothing was done; send it again, shorter.`,
  }
}

/** A reason as one line, without what would change how the text around it is shown. */
export function tidy(reason: string): string {
  return reason
    .toWellFormed()
    .replaceAll(/[\s\p{Cc}\u202A-\u202E\u2066-\u2069]+/gu, ' ')
    .trim()
}

/** A text that is not understood as an ask, so that it is answered and on record like any other. */
export function unclear(mistake: string, text: string): Ask {
  return { kind: 'unclear', mistake, said: clip(tidy(text), longestReason) }
}

function clean(word: string): string {
  return word.replaceAll(/[^\w-]/g, '').slice(0, 30)
}
