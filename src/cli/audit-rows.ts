import { createHash } from 'node:crypto'
import type { RecordEntry } from '../ledger/record-entry.ts'
import { slipway } from '../rollout/decide-rollback.ts'
import type { Actor, Event } from '../rollout/events.ts'

/** What an audit can be narrowed to. */
export const auditKinds = ['command', 'refusal', 'sign-off', 'decision', 'override', 'slipway', 'retention'] as const
type AuditKind = (typeof auditKinds)[number]

/** One thing on record. */
export interface AuditRow {
  /** ms since 1970. */
  readonly at: number
  readonly kind: AuditKind
  /** Where it stands: `12/34` in the ledger of rollout 12, `record/56` in the record. */
  readonly place: string
  /** Who: the id, and the name at the time. */
  readonly actor: string
  readonly name: string
  /** Slack and Slipway itself prove who it was, a terminal does not. */
  readonly verified: boolean
  readonly role: string
  readonly what: string
  readonly why: string
  /** `button C012AB3CD 1719800000.000100`, `terminal`; empty where it came from inside. */
  readonly from: string
  /** The exact text that was signed, and its SHA-256. */
  readonly signed: string
  readonly signedHash: string
  /** Hash in its chain; empty where there was none yet. */
  readonly hash: string
}

const signing: readonly Event['type'][] = [
  'signed-off',
  'sign-off-withdrawn',
  'sign-off-rejected',
  'skip-rejected',
  'checkpoint-ticked',
]
const overriding: readonly Event['type'][] = [
  'soak-skipped',
  'targets-accepted',
  'taken-over',
  'clean-up-ordered',
  'hold-overridden',
]

/** Everything on record, oldest first: what is in the ledgers with where it came from, and what is in the record. */
export function auditRows(
  ledgers: ReadonlyMap<number, readonly Event[]>,
  entries: readonly RecordEntry[],
): readonly AuditRow[] {
  const origins = new Map(entries.flatMap((e) => (e.type === 'asked' ? [[e.id, originOf(e)] as const] : [])))
  const events = [...ledgers.values()].flatMap((ledger) =>
    ledger.map((event) => eventRow(event, ledger, origins.get(event.command) ?? '')),
  )
  return [...events, ...entries.map(entryRow)].toSorted((a, b) => a.at - b.at)
}

function eventRow(event: Event, ledger: readonly Event[], from: string): AuditRow {
  const by = 'by' in event ? event.by : slipway
  const signed = signedText(event, ledger)
  return {
    at: event.at,
    kind: kindOf(event, by),
    place: `${event.rollout}/${event.version}`,
    ...person(by),
    role: 'role' in event ? event.role : '',
    what: `${event.type}${'phase' in event ? ` ${event.phase}` : ''}`,
    why: 'reason' in event ? event.reason : '',
    from,
    signed,
    signedHash: signed === '' ? '' : createHash('sha256').update(signed).digest('hex'),
    hash: event.hash ?? '',
  }
}

function kindOf(event: Event, by: Actor): AuditKind {
  if (signing.includes(event.type)) return 'sign-off'
  if (overriding.includes(event.type)) return 'override'
  if (event.type === 'rollback-ordered' && (event.forced || event.cause === 'break-glass')) return 'override'
  return by.via === 'slipway' ? 'slipway' : 'decision'
}

/** What somebody put their name to: the plan of the request, the reason of a skip. */
function signedText(event: Event, ledger: readonly Event[]): string {
  if (!('request' in event) || !(signing.includes(event.type) || overriding.includes(event.type))) return ''
  const request = ledger[event.request - 1]
  if (request?.type === 'sign-off-requested') return request.plan
  return request?.type === 'skip-asked' ? request.reason : ''
}

function entryRow(entry: RecordEntry): AuditRow {
  const { at, hash } = entry
  const place = `record/${entry.seq}`
  const none = { role: '', why: '', from: '', signed: '', signedHash: '' }
  if (entry.type === 'rollout-removed' || entry.type === 'entries-removed') {
    const { ended } = entry
    const what = 'rollout' in ended ? `removed rollout ${ended.rollout}` : `removed entries to ${ended.seq}`
    return { ...none, at, kind: 'retention', place, ...person(slipway), what, hash }
  }
  const { kind, version, reason, said, to } = entry.ask
  const about = [version, to].find((value) => typeof value === 'string')
  const refused = entry.outcome === 'refused'
  return {
    ...none,
    at,
    kind: refused ? 'refusal' : 'command',
    place,
    ...person(entry.by),
    what: `${kind}${about === undefined ? '' : ` ${about}`}${refused ? `: ${entry.code ?? 'refused'}` : ''}`,
    why: [reason, said].find((value) => typeof value === 'string') ?? '',
    from: originOf(entry),
    hash,
  }
}

function originOf({ from }: Extract<RecordEntry, { type: 'asked' }>): string {
  return from === undefined ? '' : [from.via, from.channel, from.thread].filter(Boolean).join(' ')
}

function person({ id, name, via }: Actor) {
  return { actor: id, name, verified: via === 'slack' || via === 'slipway' }
}
