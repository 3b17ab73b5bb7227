import { loadConfig } from '../config/load.ts'
import { parseDuration } from '../config/notation.ts'
import type { Secret } from '../config/secret.ts'
import { SlipwayError } from '../errors.ts'
import { tell } from '../jobs/failure.ts'
import { parseEntry, type RecordEntry } from '../ledger/record-entry.ts'
import { readWhole } from '../ledger/replay.ts'
import type { Event } from '../rollout/events.ts'
import { auditCsv } from './audit-csv.ts'
import { type AuditRow, auditKinds, auditRows } from './audit-rows.ts'
import { type AuditSource, readRecord } from './audit-source.ts'
import { auditText } from './audit-text.ts'
import { verifyAll } from './audit-verify.ts'

export interface AuditOptions {
  /** From this date (ISO 8601) on, or of the last `7d`. */
  readonly since?: string
  /** Of these kinds, with commas between. */
  readonly kind?: string
  /** Compare the record with itself and with told heads instead of showing it. */
  readonly verify: boolean
  /** A head that was noted elsewhere, and a file of them; `-` is standard input. */
  readonly head?: string
  readonly heads?: string
  readonly format: 'text' | 'json' | 'csv'
  readonly service?: string
  readonly config: string
  readonly redisUrl: () => string
  /** How to read the threads in Slack; null when there is no token. */
  readonly slack: () => { readonly botToken: Secret; readonly apiUrl?: string } | null
  /** ms since 1970. */
  readonly now: number
  /** Resolves after so many ms: Slack may ask for a pause. */
  readonly pause: (ms: number) => Promise<void>
}

/**
 * `slipway audit`: the lines to print, and the exit code. 1: what is on record can't be read, or is not as it was written;
 * 3: it fits with itself, but it, or one of its ledgers, was compared with no head that was told outside, so that it may have been
 * rewritten as a whole; or Redis could not be reached, so that nothing was compared. Throws `ledger-unavailable` or `ledger-refused` when only to show.
 */
export async function audit(options: AuditOptions): Promise<{ lines: readonly string[]; exit: 0 | 1 | 3 }> {
  const kinds = kindsOf(options.kind)
  const since = sinceOf(options.since, options.now)
  if (options.verify) return verifyAll(options)
  const service = options.service ?? (await loadConfig(options.config)).service
  const source = await readRecord(options.redisUrl(), service)
  const { ledgers, entries, unreadable } = readAll(source)
  const rows = auditRows(ledgers, entries).filter((row) => row.at >= since && kinds.includes(row.kind))
  const nothing = rows.length === 0 && options.format === 'text' ? ['Nothing of this is on record.'] : []
  return { lines: [...shown(rows, options.format), ...nothing, ...unreadable], exit: unreadable.length > 0 ? 1 : 0 }
}

function shown(rows: readonly AuditRow[], format: AuditOptions['format']): readonly string[] {
  if (format === 'csv') return auditCsv(rows)
  return rows.map((row) => (format === 'json' ? JSON.stringify(row) : auditText(row)))
}

/** What can't be read is named; the rest is shown all the same. */
function readAll({ service, ledgers, record }: AuditSource) {
  const unreadable: string[] = []
  const events = new Map<number, readonly Event[]>()
  for (const [rollout, lines] of ledgers) {
    try {
      events.set(rollout, readWhole(lines, service, rollout))
    } catch (error) {
      const { what, todo } = tell(error)
      unreadable.push(`#${rollout}  ${what} ${todo}`)
    }
  }
  const entries: RecordEntry[] = []
  record.forEach((line, i) => {
    try {
      entries.push(parseEntry(JSON.parse(line)))
    } catch {
      unreadable.push(`Line ${i + 1} of the record can't be read. Run \`slipway audit --verify\`.`)
    }
  })
  return { ledgers: events, entries, unreadable }
}

function kindsOf(text: string | undefined): readonly string[] {
  const wanted = text?.split(',') ?? auditKinds
  const unknown = wanted.find((kind) => !auditKinds.some((known) => known === kind))
  if (unknown === undefined) return wanted
  throw new SlipwayError('usage', { what: `--kind is ${unknown}, expected ${auditKinds.join(', ')}.` })
}

function sinceOf(text: string | undefined, now: number): number {
  if (text === undefined) return Number.NEGATIVE_INFINITY
  const ago = parseDuration(text)
  if (ago !== undefined) return now - ago
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(at)) return at
  throw new SlipwayError('usage', { what: `--since is ${text}, expected a date such as 2026-07-01, or 7d.` })
}
