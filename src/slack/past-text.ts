import type { World } from '../jobs/world.ts'
import type { Event, EventType } from '../rollout/events.ts'
import { evolve } from '../rollout/evolve.ts'
import { endedAt, type State } from '../rollout/state.ts'
import { headlineOf } from './blocks/headline.ts'
import { durationText, mention } from './format.ts'

/** Rollouts that are listed, newest first. */
const listed = 8
/** Characters of the lines that fit into one answer. */
const room = 2_600

/** What Slipway did by itself and people look for. */
const milestones: ReadonlySet<EventType> = new Set([
  'phase-started',
  'soak-passed',
  'breach-confirmed',
  'weights-restored',
  'window-opened',
  'completed',
])

/** The last rollouts, or who did what in one of them, in plain words; null when there is no such rollout. */
export async function pastText(world: World, rollout: number | undefined): Promise<string | null> {
  if (rollout !== undefined) {
    const events = await world.rollouts.history(rollout)
    return events.length === 0 ? null : storyText(events)
  }
  const newest = (await world.rollouts.current())?.rollout ?? 0
  const numbers = Array.from({ length: Math.min(listed, newest) }, (_, i) => newest - i)
  const histories = await Promise.all(numbers.map((number) => world.rollouts.history(number)))
  const lines = histories.flatMap((events) => {
    const state = stateOf(events)
    return state === null ? [] : [rolloutLine(state)]
  })
  return lines.length === 0 ? null : [...lines, 'Who did what in one: `/deploy history <rollout>`.'].join('\n')
}

function stateOf(events: readonly Event[]): State | null {
  return events.reduce<State | null>(evolve, null)
}

function rolloutLine(state: State): string {
  const { rollout, spec, startedAt, startedBy, rollback } = state
  const ended = endedAt(state)
  const took = ended === undefined ? '' : `, ${durationText(ended - startedAt)}`
  const why = rollback === undefined || rollback.reason === '' ? '' : ` (${rollback.reason})`
  return `• #${rollout} ${spec.version}: ${headlineOf(state)}${why}. ${dayText(startedAt)}${took}, started by ${nameOf(startedBy)}.`
}

/** Who did what, oldest first, one line each, in plain words. */
export function storyLines(events: readonly Event[]): readonly string[] {
  const told = events.filter((event) => milestones.has(event.type) || ('by' in event && event.by.via !== 'slipway'))
  return told.map(eventLine)
}

function storyText(events: readonly Event[]): string {
  const state = stateOf(events)
  const lines = storyLines(events)
  let length = 0
  const first = lines.findLastIndex((line) => {
    length += line.length + 1
    return length > room
  })
  const earlier = first < 0 ? [] : [`… ${first + 1} earlier ones: \`slipway audit\` has them all.`]
  return [...(state === null ? [] : [rolloutLine(state)]), ...earlier, ...lines.slice(first + 1)].join('\n')
}

function eventLine(event: Event): string {
  const who = 'by' in event ? nameOf(event.by) : 'Slipway'
  const role = 'role' in event ? ` as ${event.role}` : ''
  const phase = 'phase' in event ? `, phase ${event.phase}` : ''
  const why = 'reason' in event && event.reason !== '' ? `: ${event.reason}` : ''
  return `${dayText(event.at)} ${who}: ${event.type.replaceAll('-', ' ')}${role}${phase}${why}`
}

function nameOf({ id, name, via }: State['startedBy']): string {
  return via === 'slack' ? mention(id) : name
}

/** `2026-07-01 03:12 UTC`. */
function dayText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
