import type { Known } from '../rollout/quorum.ts'
import { missingRoles, openCheckpoints, possibleSigners } from '../rollout/sign-off.ts'
import { nextPhase, type State } from '../rollout/state.ts'
import { escapeText, timeText, who } from './format.ts'
import { rolesText } from './plan-message.ts'

/** More names than this are not shown. */
const mostNames = 4

/** One line for each sign-off of the open request: who signed as what, and who could give what is missing; mrkdwn. */
export function signOffLines(state: State, known: Known): readonly string[] {
  const { request } = state
  if (request === undefined || state.rollback !== undefined) return []
  const signers = possibleSigners(state, request, known)
  const signed = request.signOffs.map((s) => `☑ *${escapeText(s.role)}*: ${who(s.by)} at ${timeText(s.at)}`)
  const missing = missingRoles(state, request).map((role) => {
    const people = (signers[role] ?? []).map((id) => `<@${escapeText(id)}>`)
    const more = people.length > mostNames ? ` and ${people.length - mostNames} more` : ''
    const names = people.length === 0 ? '' : ` (${people.slice(0, mostNames).join(', ')}${more})`
    return `☐ *${escapeText(role)}*: missing${names}`
  })
  return [...signed, ...missing, ...checkpointLines(state)]
}

function checkpointLines(state: State): readonly string[] {
  const next = nextPhase(state)
  if (next === undefined || state.checkpointsAsked !== next.number) return []
  const open = openCheckpoints(state, next.number)
  const all = next.checkpoints?.length ?? 0
  return [`${open.length === 0 ? '☑' : '☐'} *Checkpoints*: ${all - open.length} of ${all} ticked off`]
}

/** What a phase waits for that has been asked for. */
export function awaitedText(state: State): string {
  const { request } = state
  if (request === undefined) return ''
  const missing = missingRoles(state, request)
  if (missing.length > 0) return `*Needs sign-off:* ${rolesText(missing)}. The plan and its buttons are in the thread.`
  if (openCheckpoints(state, request.phase).length > 0)
    return `*Needs a look:* every role has signed phase ${request.phase}; its checkpoints are in the thread.`
  return `*Signed:* phase ${request.phase} starts as soon as nothing holds it.`
}

/** How far the next phase's sign-offs are while the one before still soaks. */
export function earlyText(state: State): string {
  const { request } = state
  if (request === undefined) return ''
  const missing = missingRoles(state, request)
  return missing.length === 0
    ? ` Phase ${request.phase} is signed and starts then.`
    : ` Phase ${request.phase} needs sign-off: ${rolesText(missing)}.`
}
