import { weightText } from '../rollout/canary-weight.ts'
import type { EventOf } from '../rollout/events.ts'
import { missingRoles, openCheckpoints } from '../rollout/sign-off.ts'
import { nextPhase, type State } from '../rollout/state.ts'
import { headlineOf } from './blocks/headline.ts'
import { escapeText, who } from './format.ts'
import { rolesText } from './plan-message.ts'

/** Who took over from whom, where the release stands, and what is open; mrkdwn. */
export function handedOverText({ by, from, to }: EventOf<'handed-over'>, state: State): string {
  const ordered = by.id === from.id || by.id === to.id ? '' : ` (said ${who(by)})`
  const stands = `*Where it stands:* ${escapeText(headlineOf(state))}. The canary gets ${weightText(state)}.`
  const open = openLines(state)
  const list = open.length === 0 ? ['*Open:* nothing.'] : ['*Open:*', ...open.map((line) => `• ${line}`)]
  return [`*${who(to)} takes over from ${who(from)}*${ordered}.`, stands, ...list].join('\n')
}

/** What the one who takes over finds undone; mrkdwn. */
function openLines(state: State): readonly string[] {
  const { request, skip, decision, warned, paused, failure, drift, blind, lost } = state
  const missing = request === undefined ? [] : missingRoles(state, request)
  const next = nextPhase(state)
  const unseen = next === undefined || state.checkpointsAsked !== next.number ? [] : openCheckpoints(state, next.number)
  return [
    ...(missing.length === 0 ? [] : [`phase ${request?.phase} needs the sign-off of ${rolesText(missing)}`]),
    ...(unseen.length === 0 ? [] : [`${unseen.length} checkpoints of phase ${next?.number} are not ticked off`]),
    ...(warned === undefined ? [] : ['the warnings of the readiness report are not accepted']),
    ...(skip === undefined ? [] : [`${who(skip.by)} asks to skip the soak`]),
    ...(decision === undefined ? [] : ['the soak is over, and its figures wait for a decision']),
    ...(paused === undefined ? [] : [`paused by ${who(paused.by)}`]),
    ...(failure === undefined ? [] : [`a step failed: ${escapeText(failure.what)}`]),
    ...(drift === undefined ? [] : [`somebody else changed the cluster: ${escapeText(drift.what)}`]),
    ...(blind === undefined ? [] : ['metrics have no number']),
    ...(lost === undefined ? [] : ["Redis has lost this rollout's record"]),
    ...state.pages.filter((page) => !page.resolved).map(({ key }) => `an incident is open (${escapeText(key)})`),
  ]
}
