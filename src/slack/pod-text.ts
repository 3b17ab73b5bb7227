import type { Evidence } from '../rollout/events.ts'
import { escapeText } from './format.ts'

/** `shop-green-7d9f: CrashLoopBackOff: container shop ended with exit code 1, 4 restarts`. */
export function podLine({ name, reason, message }: NonNullable<Evidence['pod']>): string {
  return [name, reason, message]
    .filter((part) => part !== '')
    .map(escapeText)
    .join(': ')
}

/** What a log may take of a message (characters, escaped): cut off at its end, its block would not be closed. */
const longestLog = 2_000

/** A pod's last lines as they are, in a block of their own; as many as have room. */
export function logText(log: readonly string[] = []): string {
  const escaped = log.map((line) => escapeText(line).replaceAll('`', "'"))
  const fits = (from: number) => escaped.slice(from).join('\n').length <= longestLog
  const from = escaped.findIndex((_, index) => fits(index))
  return from < 0 ? '' : `\nLast lines of its log:\n\`\`\`\n${escaped.slice(from).join('\n')}\n\`\`\``
}
