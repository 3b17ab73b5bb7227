import { SlipwayError } from '../errors.ts'

/** What a command of the terminal asks a running Slipway; null when it asks nothing. A rollback with -f goes without one. */
export function askOf(
  command: string | undefined,
  [version, ...more]: readonly string[],
  { reason, force }: { readonly reason?: string; readonly force: boolean },
): object | null {
  switch (command) {
    case 'status':
    case 'resume':
      if (version === undefined) return { kind: command }
      throw new SlipwayError('usage', { what: `\`slipway ${command}\` takes nothing behind it.` })
    case 'advance':
      return version === undefined ? { kind: command } : { kind: command, version: [version, ...more].join(' ') }
    case 'pause':
      return { kind: command, reason: reason ?? '' }
    case 'rollback':
      return force || reason === undefined ? null : { kind: command, reason, forced: false, confirmed: true }
    default:
      return null
  }
}
