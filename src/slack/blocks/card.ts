import type { KnownBlock } from '@slack/web-api'
import { stillGetsText, weightText } from '../../rollout/canary-weight.ts'
import { holdsOn } from '../../rollout/hold.ts'
import type { Phase } from '../../rollout/plan.ts'
import { pointPassed } from '../../rollout/point-of-no-return.ts'
import { isObserved, isOver, nextPhase, phaseOf, type State } from '../../rollout/state.ts'
import { howToLetGoOn } from '../../rollout/unsigned.ts'
import { cleanUpAsks } from '../clean-up-texts.ts'
import { durationText, escapeText, timeText, who } from '../format.ts'
import { holdLines } from '../hold-texts.ts'
import { buttons, context, header, type Message, section, withId } from '../message.ts'
import { rootId } from '../reference.ts'
import { awaitedText, earlyText, signOffLines } from '../sign-off-status.ts'
import { canBeHeld, cardButtons } from './card-buttons.ts'
import type { CardFacts } from './card-facts.ts'
import { headlineOf } from './headline.ts'
import { metricBlocks } from './metric-blocks.ts'
import { observedCard } from './observed-card.ts'

/** The one message that shows a rollout. */
export function card(title: string, state: State, facts: CardFacts): Message {
  if (isObserved(state)) return observedCard(title, state, facts)
  const headline = headlineOf(state)
  const blocks: KnownBlock[] = [
    header(`${title} ${state.spec.version}: ${headline}`),
    section(nextStep(state, facts)),
    ...decisionBlocks(state),
    ...holdBlocks(state, facts),
    ...pointBlocks(state),
    ...signOffBlocks(state, facts),
    section(state.spec.phases.map((p) => phaseLine(p, state, facts)).join('\n')),
    ...metricBlocks(state, facts.readings),
    ...buttons(cardButtons(state, facts)),
    context(footer(state, facts)),
  ]
  return withId(rootId(state), { text: escapeText(`${title} ${state.spec.version}: ${headline}`), blocks })
}

/** What happens next, or what to do. */
function nextStep(state: State, facts: CardFacts): string {
  if (state.stage === 'rolled-back')
    return `*All traffic is on stable.* ${cleanUpAsks(state) ?? 'Nothing to do now; the thread tells why.'}`
  if (state.stage === 'complete')
    return `*All traffic is on the new version*, and the rollback window is closed. ${cleanUpAsks(state) ?? 'Nothing to do.'}`
  if (state.stage === 'rolling-back') return '*Taking all traffic back to stable.*'
  if (state.stage === 'rollback-failed')
    return `*${stillGetsText(state)}* Slipway goes on trying; by hand, use the line below.`
  if (state.lost !== undefined)
    return `*Needs a decision:* Redis has lost this rollout's record. The canary gets ${weightText(state)} and is watched. ${state.weight < 100 ? 'Roll back when you are ready.' : 'Accept it as it stands, or roll back.'}`
  if (state.warned !== undefined)
    return `*Needs sign-off: ${escapeText(state.spec.decides)}.* The readiness report warns, so nothing is done before somebody in that role accepts it, until ${timeText(state.warned.expiresAt)}:\n${state.warned.of.map((warning) => `• ${escapeText(warning)}`).join('\n')}`
  if (state.failure !== undefined)
    return `*${escapeText(state.failure.what)}* ${escapeText(howToLetGoOn(state, facts.at) ?? state.failure.todo)}`
  if (state.paused !== undefined)
    return `*Paused* by ${who(state.paused.by)}. Go on with Resume. The canary gets ${weightText(state)} and is watched.`
  if (state.drift !== undefined)
    return `*Held: somebody else changed the cluster:* ${escapeText(state.drift.what)} (field manager: ${escapeText(state.drift.manager)}). ${state.drift.takenOver === undefined ? 'Take over again, or roll back.' : 'Being taken over again.'}`
  if (state.blind !== undefined)
    return `*Held: no number* for ${state.blind.metrics.map((m) => escapeText(m.metric)).join(', ')}.`
  if (state.stage === 'awaiting-sign-off') return awaitedText(state)
  if (state.stage === 'soaking' || state.stage === 'released')
    return `Canary at *${state.weight} %*. ${soakText(state, facts)}${earlyText(state)}`
  const next = nextPhase(state)
  if (state.stage === 'soaked' && next !== undefined)
    return `Ready for phase ${next.number} (${next.weight} %): ask with the button below.`
  return `Canary at *${weightText(state)}*.`
}

/** Its time runs whatever else holds the rollout: a pause does not keep it from rolling back. */
function decisionBlocks({ decision }: State): KnownBlock[] {
  if (decision === undefined) return []
  const end = `it rolls back by itself at ${timeText(decision.rollBackAt)}`
  return [
    section(`*Needs a decision:* the soak is over, and a target does not hold. Soak on, accept or roll back; ${end}.`),
  ]
}

/** Nothing moves forward in a freeze or under a lock: that is no stage of its own, for what is on its way goes on being watched. */
function holdBlocks(state: State, { holds }: CardFacts): KnownBlock[] {
  const lines = canBeHeld(state) ? holdLines(holdsOn(state.overridden, holds)) : []
  return lines.length === 0 ? [] : [section(lines.join('\n'))]
}

/** Whoever rolls back has to know what that leaves. */
function pointBlocks(state: State): KnownBlock[] {
  const point = isOver(state) ? null : pointPassed(state)
  if (point === null) return []
  return [section(`*Past the point of no return:* a rollback works, but does not undo ${escapeText(point.what)}.`)]
}

function signOffBlocks(state: State, { known }: CardFacts): KnownBlock[] {
  const lines = signOffLines(state, known)
  return lines.length === 0 ? [] : [section(lines.join('\n'))]
}

function soakText(state: State, { observed, wanted }: CardFacts): string {
  const what = state.stage === 'released' ? 'Rollback window' : 'Soak'
  const left = Math.max(0, wanted - observed)
  return `${what}: ${bar(observed / Math.max(1, wanted))} ${durationText(observed)} observed, ${durationText(left)} to go.`
}

function bar(share: number): string {
  const full = Math.min(10, Math.max(0, Math.round(share * 10)))
  return `${'▰'.repeat(full)}${'▱'.repeat(10 - full)}`
}

function phaseLine(phase: Phase, state: State, facts: CardFacts): string {
  const record = state.phases.find((p) => p.phase === phase.number)
  const title = `${phase.number}. ${escapeText(phase.name)}, ${phase.weight} %, soak ${durationText(phase.soak)}`
  if (record?.skipped === true) return `☑ ${title}: soak skipped`
  if (record?.endedAt !== undefined) return `☑ ${title}: passed after ${durationText(record.observed ?? 0)}`
  if (record === undefined) return `☐ ${title}`
  if (isOver(state)) return `☒ *${title}*: not finished`
  const soaking = state.stage === 'soaking' && phaseOf(state, state.phase) === phase
  return `▶ *${title}*: ${soaking ? `${durationText(facts.observed)} of ${durationText(facts.wanted)}` : state.stage}`
}

function footer(state: State, facts: CardFacts): string {
  const page = state.pages.find((p) => !p.resolved)
  const incident =
    page === undefined ? '' : page.link === null ? ' Paging…' : ` Open incident: <${page.link}|PagerDuty>.`
  const hand = facts.byHand === null || isOver(state) ? '' : `\nRoll back by hand: \`${escapeText(facts.byHand)}\``
  const charge = state.handover === undefined ? '' : ` In charge: ${who(state.handover.to)}.`
  return `Started by ${who(state.startedBy)} at ${timeText(state.startedAt)}.${charge} Rollout ${state.rollout} of ${escapeText(state.service)}.${incident}${hand}`
}
