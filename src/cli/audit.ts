import { loadConfig } from '../config/load.ts'
import { parseDuration } from '../config/notation.ts'
import type { Secret } from '../config/secret.ts'
import { SlipwayError } from '../errors.ts'
import { tell } from '../jobs/failure.ts'
import { readHeads, type ToldHead } from '../ledger/head-text.ts'
import { parseEntry, type RecordEntry } from '../ledger/record-entry.ts'
import { readWhole } from '../ledger/replay.ts'
import { verify } from '../ledger/verify.ts'
import type { Event } from '../rollout/events.ts'
import { createClient, findChannel } from '../slack/app.ts'
import { auditCsv } from './audit-csv.ts'
import { type AuditRow, auditKinds, auditRows } from './audit-rows.ts'
import { type AuditSource, readRecord } from './audit-source.ts'
import { auditText } from './audit-text.ts'
import { contentOf } from './history-source.ts'
import { patient } from './patient.ts'
import { type HeadsRead, headsInThreads } from './told-heads.ts'

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

/** What is told when nothing was compared with anything outside. */
const unproven = 3

/**
 * `slipway audit`: the lines to print, and the exit code. 1: what is on record can't be read, or is not as it was written;
 * 3: it fits with itself, but was compared with no head that was told outside, so that it may have been rewritten as a whole.
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

async function verifyAll(options: AuditOptions): Promise<{ lines: readonly string[]; exit: 0 | 1 | 3 }> {
  const config = options.service === undefined ? await loadConfig(options.config) : null
  const service = options.service ?? config?.service ?? ''
  const notes: string[] = []
  // Read before Redis, so that Redis is ahead of it; where the threads stand is known from there alone.
  const first = await readRecord(options.redisUrl(), service)
  const slack = config === null ? null : options.slack()
  const inSlack = slack === null ? null : await inThreads(slack, config?.slack ?? null, first, options.pause)
  if (inSlack === null) notes.push('The heads told in Slack were not read: that takes SLACK_BOT_TOKEN and --config.')
  else if ('away' in inSlack) notes.push(`The heads told in Slack were not read: ${inSlack.away}`)
  else for (const note of unreadNotes(inSlack)) notes.push(note)
  const given = await givenHeads(options, service)
  const told = [...(inSlack !== null && 'heads' in inSlack ? inSlack.heads : []), ...given]
  const source = await readRecord(options.redisUrl(), service)
  const verdict = verify(source, told)
  const events = [...source.ledgers.values()].reduce((sum, lines) => sum + lines.length, 0)
  const size = `${source.ledgers.size} rollouts with ${events} events, ${source.record.length} entries of the record`
  const exit = verdict.findings.length > 0 ? 1 : verdict.compared === 0 ? unproven : 0
  const judgement = {
    0: `Whole: ${size}; ${verdict.compared} told heads fit.`,
    1: `NOT WHOLE: ${size}; ${verdict.compared} told heads fit.`,
    3: `Not proven: ${size} fit with themselves, but were compared with no told head.`,
  }[exit]
  const all = [...notes, ...verdict.notes]
  if (options.format === 'json') return { lines: [JSON.stringify({ service, ...verdict, notes: all, exit })], exit }
  return { lines: [judgement, ...verdict.findings.map((f) => `  ${f}`), ...all.map((note) => `  (${note})`)], exit }
}

async function givenHeads({ head, heads }: AuditOptions, service: string): Promise<readonly ToldHead[]> {
  const read = (text: string, what: string) => {
    const found = readHeads(text, service)
    if (found.length > 0) return found
    throw new SlipwayError('usage', {
      what: `${what} holds no head such as ${service}/12/34 sha256:… or 64 hex digits.`,
    })
  }
  return [
    ...(head === undefined ? [] : read(head, '--head')),
    ...(heads === undefined ? [] : read(await contentOf(heads), '--heads')),
  ]
}

type Slack = NonNullable<ReturnType<AuditOptions['slack']>>

async function inThreads(
  slack: Slack,
  config: { readonly channel: string; readonly timeout: number } | null,
  { threads, service }: AuditSource,
  pause: AuditOptions['pause'],
): Promise<HeadsRead | { readonly away: string } | null> {
  if (config === null) return null
  try {
    const client = createClient(slack, config.timeout)
    const ask = patient(pause)
    const channel = await ask(() => findChannel(client, config.channel))
    return await headsInThreads(client, channel, threads, service, ask)
  } catch (error) {
    const { what, todo } = tell(error)
    return { away: `${what} ${todo}` }
  }
}

/** One note for all threads that could not be read for the same reason. */
function unreadNotes({ unread }: HeadsRead): readonly string[] {
  return [...Map.groupBy(unread, ({ why }) => why)].map(([why, those]) => {
    const rollouts = those.map(({ rollout }) => rollout).join(', ')
    return `The heads told in the threads of these rollouts were not read, or not all: ${rollouts}. ${why}`
  })
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
