import { brokenBy } from '../rollout/broken-by.ts'
import type { EventOf, Objection } from '../rollout/events.ts'
import { metricsOf } from '../rollout/plan.ts'
import type { State } from '../rollout/state.ts'
import { besideText, durationText, escapeText, thresholdText, timeText, valueText } from './format.ts'
import { podLine } from './pod-text.ts'

/** Why Slipway would not have taken a step, in words that finish a sentence. */
export function objectionText(objection: Objection): string {
  switch (objection.why) {
    case 'rolled-back':
      return `it would have rolled back at ${timeText(objection.at)}, and never gone forward after that`
    case 'sign-offs':
      return `no sign-off of ${objection.roles.map(escapeText).join(', ')}`
    case 'phases-left-out':
      return `phase ${objection.phases.join(' and ')} left out`
    case 'soak':
      return `the soak of phase ${objection.phase} was not full (${durationText(objection.observed)} of ${durationText(objection.wanted)})`
    case 'targets':
      return `a target of phase ${objection.phase} did not hold, and nobody could have accepted that`
    case 'blind':
      return 'metrics had no number'
    case 'image':
      return `the canary runs \`${escapeText(objection.found)}\`, not \`${escapeText(objection.expected)}\``
  }
}

/**
 * `Error rate 0.83 %, limit above 0.5%, 3 readings in 30 s`, that it has no number, or how it was worse than stable. The limit is that of the
 * phase in which it broke.
 */
export function breachLine(breach: EventOf<'breach-seen'>, state: State): string {
  const { evidence } = breach
  const { metric: name, readings, comparison, alert, pod } = evidence
  if (pod !== undefined) return `pods of the canary fail: ${podLine(pod)}`
  if (alert !== undefined) return `the alert ${escapeText(name)}: ${escapeText(alert.summary)}`
  const metric = metricsOf(state.spec, phaseBefore(breach, state)).find((m) => m.name === name)
  if (comparison !== undefined && metric !== undefined) {
    const medians = besideText(metric.unit, comparison.canary, comparison.stable)
    return `${titleOf(state, name)} worse than stable: ${medians}, medians of ${comparison.readings} readings each`
  }
  const span = (readings.at(-1)?.at ?? 0) - (readings[0]?.at ?? 0)
  const count = readings.length === 1 ? '1 reading' : `${readings.length} readings in ${durationText(span)}`
  const value = brokenBy(evidence)
  if (value === null) return `${titleOf(state, name)} has no number, which counts as broken here, ${count}`
  const limit = metric?.limit === undefined ? '' : `, limit ${escapeText(thresholdText(metric.limit))}`
  return `${titleOf(state, name)} ${valueText(metric?.unit ?? 'count', value)}${limit}, ${count}`
}

function phaseBefore({ version }: EventOf<'breach-seen'>, { observation }: State): number {
  const seen = observation?.story.findLast((e) => e.type === 'weight-seen' && e.version < version)
  return seen?.type === 'weight-seen' ? seen.phase : 0
}

/** What was broken is so no longer, as a sentence begins with it; mrkdwn. */
export function overLine({ metric }: EventOf<'breach-over'>, state: State): string {
  const { alert, pod } = state.breaches.findLast(({ evidence }) => evidence.metric === metric)?.evidence ?? {}
  if (pod !== undefined) return 'No pod of the canary fails any more'
  if (alert !== undefined) return `The alert ${escapeText(metric)} has ended`
  return `${titleOf(state, metric)} is within its limit again`
}

/** What people call a metric, whichever phase it is for; mrkdwn. */
export function titleOf(state: State, metric: string): string {
  return escapeText(state.spec.metrics.find((m) => m.name === metric)?.title ?? metric)
}
