import type { KnownBlock } from '@slack/web-api'
import { applies } from '../../rollout/analysis.ts'
import type { Phase } from '../../rollout/plan.ts'
import { isOver, nextPhase, phaseOf, type State } from '../../rollout/state.ts'
import { durationText, escapeText, timeText, who } from '../format.ts'
import { type Button, buttons, context, header, type Message, section, withId } from '../message.ts'
import { breachLine } from '../observed-lines.ts'
import { reference, rootId } from '../reference.ts'
import type { CardFacts } from './card-facts.ts'
import { metricBlocks } from './metric-blocks.ts'

/** The card of a rollout that somebody else drives: nobody may take it for one that Slipway drives. */
export function observedCard(title: string, state: State, facts: CardFacts): Message {
  const headline = observedHeadline(state)
  const blocks: KnownBlock[] = [
    header(`${title} ${state.spec.version}: ${headline}`),
    section(whoDrives(state)),
    section(wouldText(state, facts)),
    section(state.spec.phases.map((p) => phaseLine(p, state, facts)).join('\n')),
    ...(isOver(state) ? [] : metricBlocks(state, facts.readings)),
    ...buttons(cardButtons(state)),
    context(footer(state, facts)),
  ]
  return withId(rootId(state), { text: escapeText(`${title} ${state.spec.version}: ${headline}`), blocks })
}

/** Where an observed rollout is, in a few words. */
export function observedHeadline({ observation, weight }: State): string {
  switch (observation?.ended?.how) {
    case undefined:
      return `ONLY OBSERVED, canary at ${weight} %`
    case 'released':
      return 'only observed, was released'
    case 'taken-back':
      return 'only observed, was taken back'
    case 'stopped':
      return 'no longer observed'
  }
}

function whoDrives(state: State): string {
  if (isOver(state))
    return '*Slipway observed this release and changed nothing.* The thread says what it would have done.'
  return '*Slipway only observes. It does not shift traffic, does not roll back and does not page:* whoever drives this release does.'
}

/** What Slipway would be doing now. */
function wouldText(state: State, { observed, wanted }: CardFacts): string {
  const { observation, parts, weight } = state
  const breach = observation?.story.find((seen) => seen.type === 'breach-seen')
  if (observation?.wouldRollBack !== undefined && breach !== undefined) {
    const would = `*Slipway would have rolled back at ${timeText(observation.wouldRollBack.at)}:* ${breachLine(breach, state)}.`
    if (isOver(state)) return would
    return `${would} ${limitNow(state)}; the canary keeps *${weight} %*. To take it back by hand, use the line below.`
  }
  if (isOver(state)) return 'No limit was broken.'
  if (parts === undefined) return 'Looking at who has the traffic.'
  if (weight === 0)
    return `All traffic is on ${parts.stable}. Waiting for somebody to give ${parts.canary} its first share.`
  if (state.blind !== undefined)
    return `Slipway would hold: no number for ${state.blind.metrics.map((m) => escapeText(m.metric)).join(', ')}.`
  const phase = phaseOf(state, state.phase)
  if (phase === undefined) return `The canary gets *${weight} %*.`
  const full = state.phases.at(-1)?.endedAt
  const soak =
    full === undefined
      ? `its soak would be full in ${durationText(Math.max(0, wanted - observed))} of observed time`
      : `its soak would have been full at ${timeText(full)}`
  return `Slipway would be in phase ${phase.number} of ${state.spec.phases.length}, and would go on watching: ${soak}.`
}

function limitNow({ observation, spec, weight }: State): string {
  const broken = observation?.broken ?? []
  if (broken.length === 0) return 'The limit is kept again'
  const isRead = (name: string) => spec.metrics.every((metric) => metric.name !== name || applies(metric, weight))
  return broken.some(isRead) ? 'The limit is still broken' : 'The limit is not read at this weight'
}

function phaseLine(phase: Phase, state: State, facts: CardFacts): string {
  const record = state.phases.findLast((p) => p.phase === phase.number)
  const title = `${phase.number}. ${escapeText(phase.name)}, ${phase.weight} %, soak ${durationText(phase.soak)}`
  if (record === undefined) return `☐ ${title}`
  if (record.endedAt !== undefined) return `☑ ${title}: soak seen in full`
  const isNow = state.phase === phase.number && !isOver(state)
  return isNow
    ? `▶ *${title}*: ${durationText(Math.min(facts.observed, facts.wanted))} of ${durationText(facts.wanted)} seen`
    : `☒ ${title}: soak not seen in full`
}

function cardButtons(state: State): Button[] {
  if (isOver(state)) return []
  const value = reference({ service: state.service, rollout: state.rollout, version: 1 })
  const next = nextPhase(state)
  const practice: Button[] =
    next !== undefined && state.request === undefined && state.parts !== undefined
      ? [{ action: 'advance', label: `Ask for practice sign-offs for ${next.weight} %`, value }]
      : []
  return [...practice, { action: 'abort', label: 'Stop observing', value }]
}

function footer(state: State, facts: CardFacts): string {
  const hand =
    facts.byHand === null || isOver(state) ? '' : `\nTake all traffic back by hand: \`${escapeText(facts.byHand)}\``
  const begun = state.startedBy.via === 'slipway' ? 'Noticed' : `Asked for by ${who(state.startedBy)}`
  return `${begun} at ${timeText(state.startedAt)}. Rollout ${state.rollout} of ${escapeText(state.service)}, observed (mode: observe).${hand}`
}
