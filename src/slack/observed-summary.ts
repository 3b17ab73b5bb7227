import type { Event, EventOf } from '../rollout/events.ts'
import type { State } from '../rollout/state.ts'
import { durationText, escapeText, releaseText, timeText, who } from './format.ts'
import { breachLine, objectionText, overLine } from './observed-lines.ts'

/** The most lines of a summary: the first and the last ones stay. */
const most = 16

/** How an observed release ended: what was done, and beside it what Slipway would have done. */
export function observedSummary(event: EventOf<'observation-ended'>, state: State): string {
  const story = state.observation?.story ?? []
  const lines = story.map((seen) => `• ${timeText(seen.at)} ${lineOf(seen, state)}`)
  const left = lines.length - most
  const shown =
    left <= 0 ? lines : [...lines.slice(0, most / 2), `• … ${left} more: see the thread`, ...lines.slice(-most / 2)]
  const none = lines.length === 0 ? ['• Nothing was seen: the canary never had traffic.'] : []
  return [
    `${endText(event, state)} Slipway observed, and changed nothing.`,
    '*What was done, and what Slipway would have done:*',
    ...shown,
    ...none,
    verdictOf(event, state),
  ].join('\n')
}

function endText({ how, by, at }: EventOf<'observation-ended'>, state: State): string {
  const release = releaseText(state)
  const took = durationText(at - state.startedAt)
  const { stable = 'the old track', canary = 'the new track' } = state.parts ?? {}
  switch (how) {
    case 'released':
      return `*Observed to its end: ${release} was released.* All traffic is on ${canary}, ${took} after it began.`
    case 'taken-back':
      return `*Observed to its end: ${release} was taken back.* All traffic is on ${stable} again, ${took} after it began.`
    case 'stopped':
      return `*Observation stopped* by ${who(by)}, ${took} after it began. The canary of ${release} gets ${state.weight} %.`
  }
}

/** One line of the story: done by somebody → would have been done by Slipway. */
function lineOf(event: Event, state: State): string {
  switch (event.type) {
    case 'weight-seen': {
      const done = `canary ${event.from} % → *${event.weight} %* (${escapeText(event.manager)})`
      if (event.weight < event.from) return done
      return `${done} · Slipway: ${event.objections.length === 0 ? 'allowed' : `*refused*, ${event.objections.map(objectionText).join('; ')}`}`
    }
    case 'soak-seen': {
      const good = event.figures.every((f) => f.good !== false)
      return `(nothing) · Slipway: soak of phase ${event.phase} full, ${good ? 'every target held' : '*waiting for a decision*, a target did not hold'}`
    }
    case 'breach-seen':
      return `(nothing) · Slipway: *${event.number === 1 ? 'rolled back and paged' : 'limit broken again'}*, ${breachLine(event, state)}`
    case 'breach-over':
      return `(nothing) · ${overLine(event, state)}`
    case 'page-withheld':
      return `(nothing) · Slipway: *paged*, no numbers since ${timeText(event.since)}`
    default:
      return ''
  }
}

function verdictOf({ how, at }: EventOf<'observation-ended'>, state: State): string {
  const rolledBack = state.observation?.wouldRollBack
  if (rolledBack === undefined)
    return state.blind === undefined
      ? 'No limit was broken: Slipway would not have rolled back.'
      : `No limit was seen to break, but numbers have been missing since ${timeText(state.blind.since)}: Slipway would still hold.`
  const later = durationText(Math.max(0, at - rolledBack.at))
  return how === 'taken-back'
    ? `*The difference:* Slipway would have taken the traffic back at ${timeText(rolledBack.at)}, ${later} earlier.`
    : `*The difference:* Slipway would have taken the traffic back at ${timeText(rolledBack.at)}; nobody did.`
}
