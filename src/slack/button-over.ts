import { SlipwayError } from '../errors.ts'
import type { Event } from '../rollout/events.ts'
import type { Wish } from './ask.ts'
import { mention } from './format.ts'

type Kind = Wish['ask']['kind']

/** What ends the time of a button: an event after the one that offered it. */
const endedBy: Readonly<Partial<Record<Kind, readonly Event['type'][]>>> = {
  advance: ['phase-started'],
  resume: ['resumed'],
  'skip-soak': ['phase-started', 'soak-extended', 'skip-rejected'],
  'extend-soak': ['soak-extended', 'targets-accepted', 'decision-awaited', 'record-lost'],
  'accept-targets': ['soak-extended', 'targets-accepted', 'decision-awaited', 'record-lost'],
  retry: ['step-retried'],
  override: ['hold-overridden', 'traffic-shifted', 'step-failed'],
  'tick-checkpoint': ['phase-started'],
  'take-over': ['taken-over', 'drift-gone', 'drift-found'],
  finish: ['clean-up-ordered', 'clean-up-retried', 'cleaned-up'],
}

/**
 * Why the button or form behind a wish no longer counts, as an error; null while it does. Requests for sign-offs have ids
 * and are told by the rollout itself; what the card offers in its own name (version 1) is possible now, but its Accept… opens a form,
 * which may stand open for long.
 */
export async function buttonOver(
  { id, ask, target }: Wish,
  history: (rollout: number) => Promise<readonly Event[]>,
): Promise<SlipwayError | null> {
  const ends = endedBy[ask.kind]
  if (target === undefined || ends === undefined) return null
  const ofCard = target.version <= 1
  if (ofCard && ask.kind !== 'accept-targets') return null
  const events = await history(target.rollout)
  const end = ofCard ? warningsEnd(events) : events.find((e) => e.version > target.version && ends.includes(e.type))
  // What this very wish led to is no reason to refuse it: it may be carried out again after a crash.
  return end === undefined || end.command === id ? null : new SlipwayError('button-over', { why: whyOf(end) })
}

/** What ended the time of the card's Accept…: it is for the report's warnings, and afterwards for a record that was lost alone. */
function warningsEnd(events: readonly Event[]): Event | undefined {
  const last = events.findLast(({ type }) => type === 'warnings-accepted' || type === 'record-lost')
  return last?.type === 'warnings-accepted' ? last : undefined
}

function whyOf(end: Event): string {
  const by = 'by' in end && end.by.via === 'slack' ? mention(end.by.id) : 'by' in end ? end.by.name : 'somebody'
  switch (end.type) {
    case 'phase-started':
      return `phase ${end.phase} has started since`
    case 'resumed':
      return `${by} had it go on since`
    case 'skip-rejected':
      return `it was asked for since, and ${by} let it soak`
    case 'drift-found':
      return 'somebody else has changed the cluster once more'
    case 'soak-extended':
      return `${by} let it soak on`
    case 'warnings-accepted':
      return `${by} accepted the warnings`
    case 'targets-accepted':
      return `${by} accepted the figures`
    case 'decision-awaited':
      return 'it has soaked on since, and there are newer figures'
    case 'step-retried':
    case 'clean-up-retried':
      return `${by} had it tried again`
    case 'hold-overridden':
      return `${by} let it go on since`
    case 'traffic-shifted':
      return `the weight has been shifted to ${end.weight} % since`
    case 'step-failed':
      return 'it was stopped once more since'
    case 'taken-over':
      return `${by} had it taken over again`
    case 'clean-up-ordered':
      return `${by} ordered it`
    default:
      return 'the rollout has moved on'
  }
}
