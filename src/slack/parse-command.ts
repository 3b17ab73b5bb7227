import { nearest } from '../config/nearest.ts'
import { readRelease } from '../config/release-name.ts'
import { type Ask, ask, longestReason } from './ask.ts'
import { clip } from './format.ts'

/** How each command is used, in the order in which the help shows them. */
export const usages = {
  readiness:
    '`/deploy readiness <version>[@sha256:…]`: is everything in order for this version, or for this very image? Needed before a start.',
  advance:
    '`/deploy advance [version[@sha256:…]] [reason] [--all] [--override] [--dry-run]`: start the rollout, or ask for the next phase, or for all of them. Moves only when the roles have signed. The reason accepts warnings of the readiness report; with `--override` it is started in spite of a freeze or a lock. `--dry-run` shows you the plan and changes nothing.',
  approve: '`/deploy approve [role]`: sign the plan that is asked for.',
  reject: '`/deploy reject <reason>`: turn it down.',
  withdraw: '`/deploy withdraw`: take your sign-off back, until every role has signed.',
  nudge: '`/deploy nudge`: remind those who have not signed yet.',
  cancel: '`/deploy cancel`: end the request, if you asked for it or hold the deciding role.',
  rollback: '`/deploy rollback [reason] [-f]`: all traffic back to stable, from any stage. `-f` asks nothing.',
  status: '`/deploy status`: where the release stands, shown to you alone.',
  mine: '`/deploy mine`: what waits for you, shown to you alone.',
  history: '`/deploy history [rollout]`: the last rollouts, or who did what in one; shown to you alone.',
  pause: '`/deploy pause [reason]`: hold it. Watching and rollback go on.',
  resume: '`/deploy resume`: go on where it was held.',
  'skip-soak': '`/deploy skip-soak <reason>`: ask to end this soak now. Needs the sign-off of somebody else.',
  'take-over': "`/deploy take-over`: write Slipway's own back over somebody else's change of the cluster.",
  handover: '`/deploy handover @someone`: they are in charge from now on; the thread tells them what is open.',
  lock: '`/deploy lock <reason>`: nothing starts or moves forward until it is unlocked. A rollback works all the same.',
  unlock: '`/deploy unlock`: end the lock, whoever set it.',
  override:
    '`/deploy override <reason>`: let the rollout go on although it is frozen or locked. For the deciding role.',
  abort: '`/deploy abort [reason]`: end a rollout that has had no traffic yet.',
  finish: '`/deploy finish`: scale the unused track down when the thread asks about it.',
  help: '`/deploy help`: this list.',
} as const
type Command = keyof typeof usages

const advanceOptions = ['--all', '--override', '--dry-run']

/** The text after `/deploy` (or after the mention) as an ask; `mistake` says in words what is wrong and what would work. */
export function parseCommand(text: string): { readonly ask: Ask } | { readonly mistake: string } {
  const words = text
    .trim()
    .split(/\s+/)
    .filter((w) => w !== '')
  const [name, ...rest] = words
  if (name === undefined) return { ask: { kind: 'help' } }
  const command = Object.keys(usages).find((c): c is Command => c === name.toLowerCase())
  if (command === undefined)
    return {
      mistake: `There is no \`/deploy ${clean(name)}\`. Did you mean \`/deploy ${nearest(name, Object.keys(usages)) ?? 'help'}\`? See \`/deploy help\`.`,
    }
  const reason = takesReason(command) && rest.length > 0 ? parseReason(rest.join(' ')) : null
  if (reason !== null && 'mistake' in reason) return reason
  const odd = command === 'advance' && rest.find((w) => w.startsWith('--') && !advanceOptions.includes(w))
  if (odd) return { mistake: `There is no option ${clean(odd)}. ${usages.advance}` }
  if (command === 'advance' && rest.includes('--override') && rest.filter((w) => !w.startsWith('--')).length < 2)
    return { mistake: `A reason is needed: it goes on record. ${usages.advance}` }
  const parsed = ask.safeParse(askOf(command, rest))
  if (parsed.success) return { ask: parsed.data }
  const what =
    rest.length === 0
      ? `The ${missing(command)} is missing.`
      : `Not understood: ${parsed.error.issues[0]?.message ?? 'something else was expected'}.`
  return { mistake: `${what} ${usages[command]}` }
}

function askOf(command: Command, rest: readonly string[]): unknown {
  switch (command) {
    case 'readiness':
      return { kind: command, ...readRelease(rest.join(' ')) }
    case 'advance': {
      const [named = '', ...more] = rest.filter((w) => !w.startsWith('--'))
      const reason = clip(tidy(more.join(' ')), longestReason)
      return {
        kind: command,
        ...(named !== '' && readRelease(named)),
        ...(reason !== '' && { reason }),
        ...(rest.includes('--all') && { all: true }),
        ...(rest.includes('--override') && { override: true }),
        ...(rest.includes('--dry-run') && { dryRun: true }),
      }
    }
    case 'approve':
      return rest.length === 0 ? { kind: command } : { kind: command, role: rest.join(' ') }
    case 'history':
      return rest.length === 0
        ? { kind: command }
        : { kind: command, rollout: Number(rest.join(' ').replace(/^#/, '')) }
    case 'rollback': {
      const forced = rest.some((w) => w === '-f' || w === '--force')
      const reason = rest.filter((w) => w !== '-f' && w !== '--force').join(' ')
      // Nobody should be refused a rollback for a reason that is too long.
      return { kind: command, reason: clip(tidy(reason), longestReason), forced, confirmed: false }
    }
    case 'handover':
      return { kind: command, to: rest.join(' ').replace(/^@/, '') }
    case 'reject':
    case 'skip-soak':
    case 'abort':
    case 'pause':
    case 'lock':
    case 'override':
      return { kind: command, reason: tidy(rest.join(' ')) }
    default:
      return { kind: command }
  }
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
