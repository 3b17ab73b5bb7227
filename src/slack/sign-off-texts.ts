import type { EventOf, PlanChange } from '../rollout/events.ts'
import { otherImages } from '../rollout/image-ids.ts'
import { missingRoles, openCheckpoints } from '../rollout/sign-off.ts'
import type { State } from '../rollout/state.ts'
import { durationText, escapeText, who } from './format.ts'
import { rolesText } from './plan-message.ts'
import type { Told } from './told.ts'

/** Who has signed as what, and what is still missing. */
export function signedText(event: EventOf<'signed-off'>, state: State): string {
  return `Signed off as ${escapeText(event.role)} by ${who(event.by)}. ${leftText(state)}`
}

/** Null where there was none yet: nothing has changed for the others. */
export function withdrawnText({ by, role }: EventOf<'sign-off-withdrawn'>, state: State): Told | null {
  if (role === undefined) return null
  return { text: `${who(by)} has *withdrawn* the sign-off as ${escapeText(role)}. ${leftText(state)}` }
}

export function nudgedText(event: EventOf<'sign-off-nudged'>, state: State): string {
  const people = event.people.map((id) => `<@${escapeText(id)}>`).join(' ')
  return `${people}: phase ${state.request?.phase ?? state.phase + 1} waits for a sign-off as *${rolesText(event.roles)}*. The plan is above. Reminded by ${who(event.by)}.`
}

export function openedText(event: EventOf<'sign-off-opened'>): string {
  return `*Phase ${event.phase} can be asked for:* the soak has ${durationText(event.remaining)} to go. Signed until then, the phase starts as soon as the soak has passed.`
}

export function voidedText({ changes }: EventOf<'sign-off-voided'>): string {
  return `*The plan has changed; what was signed no longer counts.*\n${changes.map(changeText).join('\n')}\nAsk again with \`/deploy advance\`.`
}

export function imageIdsText(event: EventOf<'image-ids-seen'>): string | null {
  const { before, ids } = event
  // Where another image has only gone, nothing runs that was not told of before.
  if (before === undefined || otherImages(ids, before).length === 0) return null
  const list = (of: readonly string[]) => of.map((id) => `\`${escapeText(id)}\``).join(', ')
  return `*The canary's pods run another image under the same tag:* ${list(before)} → ${list(ids)}. Nobody has signed for that; look, and roll back if nobody meant it.`
}

/** What people call the fields of a plan. */
const fields: Readonly<Record<string, string>> = {
  imageIds: 'image that the pods report',
  image: 'image',
  fromWeight: 'weight before',
  replicas: 'pods',
  weight: 'weight',
  soak: 'soak (ms)',
  roles: 'required roles',
}

function changeText({ field, before, after }: PlanChange): string {
  const last =
    field
      .replace(/\[\d+\]/g, '')
      .split('.')
      .at(-1) ?? field
  const name = fields[last] === undefined ? escapeText(field) : fields[last]
  return `• ${name}: \`${escapeText(before)}\` → \`${escapeText(after)}\``
}

function leftText(state: State): string {
  const { request } = state
  const missing = request === undefined ? [] : missingRoles(state, request)
  if (missing.length > 0) return `Missing: ${rolesText(missing)}.`
  if (request === undefined) return 'Nobody is missing.'
  const unseen = openCheckpoints(state, request.phase).length
  const waits = [
    ...(state.stage === 'awaiting-sign-off' ? [] : ['until the soak has passed']),
    ...(unseen === 0 ? [] : [`for ${unseen === 1 ? '1 checkpoint' : `${unseen} checkpoints`}`]),
  ]
  return `Nobody is missing.${waits.length === 0 ? '' : ` The phase waits ${waits.join(' and ')}.`}`
}
