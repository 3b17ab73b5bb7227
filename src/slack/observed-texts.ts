import type { Event, EventOf } from '../rollout/events.ts'
import { metricsOf } from '../rollout/plan.ts'
import { missingRoles } from '../rollout/sign-off.ts'
import { isObserved, phaseOf, type State } from '../rollout/state.ts'
import { durationText, escapeText, thresholdText, timeText, valueText, who } from './format.ts'
import { breachLine, objectionText, overLine, titleOf } from './observed-lines.ts'
import { observedSummary } from './observed-summary.ts'
import type { Told } from './told.ts'

/**
 * What the thread of a rollout that somebody else drives says of an event, where that differs from one that Slipway drives;
 * undefined where it does not. `state` is the state after the event.
 */
export function observedText(event: Event, state: State): Told | undefined {
  if (!isObserved(state)) return undefined
  switch (event.type) {
    case 'tracks-seen': {
      const canary = `the canary would be ${event.canary} (\`${escapeText(event.canaryImage)}\`)`
      return {
        text: `*Slipway only observes this release and changes nothing.* ${event.stable} has the traffic (\`${escapeText(event.stableImage)}\`); ${canary}. It follows the weights, and says here what it would have done, and when.`,
      }
    }
    case 'weight-seen':
      return { text: weightText(event, state), broadcast: event.objections.length > 0 || event.weight === 100 }
    case 'soak-seen':
      return { text: soakText(event, state) }
    case 'breach-seen':
      return { text: breachText(event, state), broadcast: true }
    case 'breach-over':
      return {
        text: `*${overLine(event, state)}*, since ${timeText(event.since)}. Slipway would have rolled back at ${timeText(state.observation?.wouldRollBack?.at ?? event.at)} all the same. It goes on observing.`,
      }
    case 'page-withheld':
      return {
        text: `*Would have paged:* no numbers since ${timeText(event.since)}, for longer than ${durationText(state.spec.pageAfter)}. Observing, Slipway pages nobody.`,
      }
    case 'observation-ended':
      return { text: observedSummary(event, state), broadcast: true }
    case 'went-blind':
      return {
        text: `*Blind: the soak would hold.* No number for ${event.metrics.map((m) => `${titleOf(state, m.metric)} (${escapeText(m.reason)})`).join(', ')}. Slipway would have paged after ${durationText(state.spec.pageAfter)}.`,
      }
    case 'signed-off':
      return { text: signedText(event, state) }
    default:
      return undefined
  }
}

function signedText(event: EventOf<'signed-off'>, state: State): string {
  const missing = state.request === undefined ? [] : missingRoles(state, state.request)
  const phase = phaseOf(state, state.request?.phase ?? 0)
  const rest =
    missing.length > 0
      ? `Missing: ${missing.map(escapeText).join(', ')}.`
      : `Nobody is missing: *Slipway would now have given the canary ${phase?.weight ?? 0} %*. Observing, it changes nothing.`
  return `Signed off as ${escapeText(event.role)} by ${who(event.by)} (practice). ${rest}`
}

function weightText(event: EventOf<'weight-seen'>, state: State): string {
  const { from, weight, phase, manager, objections } = event
  const by = `by ${escapeText(manager)}, not by Slipway`
  if (weight === 0) return `*The canary gets no traffic any more* (was ${from} %), ${by}.`
  const named = phaseOf(state, phase)
  const place =
    named === undefined ? '' : ` That is phase ${phase} of ${state.spec.phases.length} (${escapeText(named.name)}).`
  const would =
    weight < from
      ? ''
      : objections.length === 0
        ? ' Slipway would have allowed it.'
        : `\n*Slipway would have refused it:* ${objections.map(objectionText).join('; ')}.`
  const soak =
    named === undefined || weight < from ? '' : ` Its soak would be ${durationText(named.soak)} of observed time.`
  return `*The canary gets ${weight} %* (was ${from} %), ${by}.${place}${soak}${would}`
}

function soakText(event: EventOf<'soak-seen'>, state: State): string {
  const unmet = event.figures.filter((f) => f.good === false)
  const full = `*The soak of phase ${event.phase} would have been full* at ${timeText(event.at)}: ${durationText(event.observed)} observed`
  if (unmet.length === 0) {
    const next = phaseOf(state, event.phase + 1)
    const then = next === undefined ? '' : ` Phase ${next.number} (${next.weight} %) could have been asked for.`
    return `${full}, every target held.${then}`
  }
  const { pageAfter, maxHold } = state.spec
  const figures = unmet.map((f) => {
    const metric = metricsOf(state.spec, event.phase).find((m) => m.name === f.metric)
    const target = metric?.target === undefined ? '' : `, target ${escapeText(thresholdText(metric.target))}`
    return `• ${titleOf(state, f.metric)} *${valueText(metric?.unit ?? 'count', f.value)}*${target}`
  })
  return `${full}, no limit was broken, but a target did not hold:\n${figures.join('\n')}\nSlipway would have waited for a decision, paged at ${timeText(event.at + pageAfter)}, and rolled back by itself at ${timeText(event.at + maxHold)}.`
}

function breachText(event: EventOf<'breach-seen'>, state: State): string {
  const { at, evidence, number } = event
  const broken = breachLine(event, state)
  const first = state.observation?.wouldRollBack?.at ?? at
  const would =
    number === 1
      ? `*Would have rolled back at ${timeText(at)}, and paged:* ${broken}.`
      : `*Limit broken: ${broken}.* Slipway would have rolled back at ${timeText(first)} already.`
  const stable = evidence.stableToo ? ' Stable breaks the same limit: this is probably not the release.' : ''
  const asked = escapeText(evidence.query.replaceAll(/\s+/g, ' ')).replaceAll('`', "'")
  const query = asked === '' ? '' : `\n\`${asked}\``
  return `${would}${stable} Nothing was changed: *the canary keeps ${state.weight} %* until somebody takes it back; the \`kubectl\` line stands on the card.${query}`
}
