import { SlipwayError } from '../errors.ts'

/** What a command of the terminal asks a running Slipway; null when it asks nothing. A rollback with -f goes without one. */
export function askOf(
  command: string | undefined,
  words: readonly string[],
  { reason, force }: { readonly reason?: string; readonly force: boolean },
): object | null {
  const said = words.length > 0
  // Without quotes only the first word of a reason stands behind its option.
  const whole = [reason ?? [], words].flat().join(' ')
  switch (command) {
    case 'status':
    case 'resume':
      if (!said) return { kind: command }
      throw new SlipwayError('usage', { what: `\`slipway ${command}\` takes nothing behind it.` })
    case 'advance':
      return said ? { kind: command, version: words.join(' ') } : { kind: command }
    case 'pause':
      return { kind: command, reason: whole }
    case 'rollback':
      return force || reason === undefined ? null : { kind: command, reason: whole, forced: false, confirmed: true }
    default:
      return null
  }
}
