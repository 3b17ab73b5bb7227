import { clip } from '../clip.ts'
import type { Event } from '../rollout/events.ts'
import { endedAt, fenceOf, type State } from '../rollout/state.ts'

/** What every event has, and what stands in a column of its own. */
const shownElsewhere = new Set('v service rollout version at command type by spec plan prev hash'.split(' '))
const times = new Set(['expiresAt', 'pageAt', 'rollBackAt', 'since', 'restoredAt'])
/** Longest text of one field, and of all fields, in characters. */
const longestField = 60
const longestLine = 160

/** `2026-07-01 03:12:36Z`. */
export function timeText(ms: number): string {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? String(ms) : `${date.toISOString().slice(0, 19).replace('T', ' ')}Z`
}

/** Text of people and systems made harmless for a terminal: one line, no control characters. */
export function plain(text: string, most = longestField): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')
  return clip(clean, most)
}

/** One rollout in a list: number, version, stage, started, ended. */
export function rolloutText(state: State): string {
  const { rollout, spec, stage, startedAt } = state
  const ended = endedAt(state)
  const end = ended === undefined ? 'not ended' : timeText(ended)
  return [`#${rollout}`, plain(spec.version), stage, timeText(startedAt), end].join('  ')
}

/** One event: place, time, type, who, and what in a few words. */
export function eventText(event: Event): string {
  const who = 'by' in event ? plain(event.by.name) : ''
  const fields = Object.entries(event).flatMap(([name, value]) =>
    shownElsewhere.has(name) ? [] : fieldText(name, value),
  )
  const place = String(event.version).padStart(4)
  return `${place}  ${timeText(event.at)}  ${event.type.padEnd(24)} ${who.padEnd(20)} ${plain(fields.join(', '), longestLine)}`.trimEnd()
}

function fieldText(name: string, value: unknown): readonly string[] {
  if (typeof value === 'number') return [`${name} ${times.has(name) ? timeText(value) : value}`]
  if (typeof value === 'string') return value === '' ? [] : [`${name} ${plain(value)}`]
  if (typeof value === 'boolean') return value ? [name] : []
  if (Array.isArray(value)) return [`${value.length} ${name}`]
  if (typeof value !== 'object' || value === null) return []
  return [
    Object.entries(value)
      .flatMap(([inner, part]) => fieldText(`${name} ${inner}`, part))
      .join(', '),
  ]
}

/** The state in the lines that matter to somebody who checks it. */
export function stateText(state: State): readonly string[] {
  const { stage, weight, version, phases, rollback, pages, paused } = state
  const fence = fenceOf(state, rollback?.version ?? state.phaseVersion)
  const signed = (p: (typeof phases)[number]) =>
    p.signOffs.map((s) => `${plain(s.role)} ${plain(s.by.name)}`).join(', ')
  const open = state.request?.signOffs.map((s) => `${plain(s.role)} ${plain(s.by.name)}`).join(', ')
  const lines: readonly (readonly [string, string])[] = [
    ['events', String(version)],
    ['stage', `${stage}${paused === undefined ? '' : `, paused by ${plain(paused.by.name)}`}`],
    ['weight', `${weight} %`],
    ...phases.map((p) => ['phase', `${p.phase}, ${phaseEnd(p)}; signed by ${signed(p) || 'nobody'}`] as const),
    ...(state.request === undefined
      ? []
      : [['request', `phase ${state.request.phase}, signed by ${open || 'nobody yet'}`] as const]),
    ['rollback', rollback === undefined ? 'none' : rollbackText(rollback)],
    ...pages.map(
      (p) => ['page', `${p.key}, ${p.resolved ? 'resolved' : 'open'}${p.link ? `, ${plain(p.link)}` : ''}`] as const,
    ),
    ['clean-up', state.cleanUp],
    ['fence', `${fence.rollout}.${fence.version}`],
  ]
  return lines.map(([name, value]) => `${name.padEnd(9)} ${value}`)
}

function phaseEnd(phase: State['phases'][number]): string {
  if (phase.endedAt !== undefined) return `${phase.skipped ? 'skipped' : 'ended'} ${timeText(phase.endedAt)}`
  return phase.shiftedAt === undefined ? 'not shifted' : `shifted ${timeText(phase.shiftedAt)}`
}

function rollbackText({ cause, by, orderedAt, restoredAt, reason }: NonNullable<State['rollback']>): string {
  const end = restoredAt === undefined ? 'not restored' : `restored ${timeText(restoredAt)}`
  return `${cause}, by ${plain(by.name)} ${timeText(orderedAt)}, ${end}${reason === '' ? '' : `: ${plain(reason)}`}`
}
