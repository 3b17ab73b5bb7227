import type { KnownBlock } from '@slack/web-api'
import type { Config } from '../config/config.ts'
import type { EventOf } from '../rollout/events.ts'
import { type FreezeWindow, nextFreeze } from '../rollout/freeze.ts'
import { metricsOf, type Phase, type Role } from '../rollout/plan.ts'
import { hasDigest } from '../rollout/plan-text.ts'
import { closedToRequester, requiredRoles } from '../rollout/sign-off.ts'
import { isObserved, phaseOf, type State } from '../rollout/state.ts'
import { boundsText, durationText, escapeText, timeText, who } from './format.ts'
import { aheadText } from './hold-texts.ts'
import { type Button, buttons, context, limits, type Message, section, withId } from './message.ts'
import { type ObjectNames, planLines } from './plan-lines.ts'
import { messageId, reference } from './reference.ts'

/** Where a request is: `signed` by every role with phases left to start, or `over`. `shown`: to one person, who only looks. */
export type PlanStatus = 'open' | 'signed' | 'over' | 'shown'

const practice =
  'Practice: Slipway only observes this release. Signing moves nothing; it shows whether the sign-offs would have been there.'

/** A plan with its buttons: exactly what a sign-off is for, and exactly what it changes. */
export function planMessage(
  event: EventOf<'sign-off-requested'>,
  state: State,
  { cluster, freezes }: Pick<Config, 'cluster' | 'freezes'>,
  status: PlanStatus,
): Message {
  const phases = (event.phases ?? [event.phase]).flatMap((number) => phaseOf(state, number) ?? [])
  const total = state.spec.phases.length
  const [first] = phases
  if (first === undefined) throw new Error('a plan is for at least one phase')
  const title =
    phases.length === 1
      ? `Plan of phase ${first.number} of ${total}: ${first.name}`
      : `Plan of phases ${first.number} to ${phases.at(-1)?.number ?? total} of ${total}, one after the other`
  const blocks: KnownBlock[] = [
    section(`*${escapeText(title)}*`),
    ...phaseTexts(phases, state, cluster).map(section),
    section(signersText(event, state, phases)),
    ...ahead(event, state, freezes).map(context),
    context(`${identity(event, state)}\n${watched(state, first)}`),
    context(footer(event, status)),
    ...(isObserved(state) && status === 'open' ? [context(practice)] : []),
    ...buttons(planButtons(event, status)),
  ]
  return withId(messageId(event), { text: escapeText(title), blocks })
}

/** Room for everything but the phases, in characters and in blocks. */
const [rest, restBlocks] = [4_000, 10]

/** What each phase changes: with its checkpoints as long as there is room for those of all, and each by itself as long as there are blocks. */
function phaseTexts(phases: readonly Phase[], state: State, names: ObjectNames): readonly string[] {
  const texts = (listed: boolean) => phases.map((phase) => phaseText(phase, state, names, phases.length > 1, listed))
  const full = texts(true)
  const told = full.join('').length > limits.together - rest ? texts(false) : full
  const each = Math.ceil(told.length / (limits.blocks - restBlocks))
  return told.flatMap((_, index) => (index % each === 0 ? [told.slice(index, index + each).join('\n')] : []))
}

function phaseText(phase: Phase, state: State, names: ObjectNames, named: boolean, listed: boolean): string {
  const soak = `Then soaks ${durationText(phase.soak)} of observed time; proves ${escapeText(phase.proves)}.`
  const looked = lookedText(phase.checkpoints ?? [], listed)
  return [
    ...(named ? [`*${phase.number}. ${escapeText(phase.name)}*`] : []),
    ...planLines(state, phase, names),
    soak,
    ...(looked === '' ? [] : [`Looked at before: ${looked}.`]),
  ].join('\n')
}

/** The checkpoints, or how many there are: they have a message of their own when it is time to look. */
function lookedText(checkpoints: NonNullable<Phase['checkpoints']>, listed: boolean): string {
  if (listed) return checkpoints.map((c) => `${escapeText(c.text)} (${escapeText(c.role)})`).join(' · ')
  const roles = [...new Set(checkpoints.map(({ role }) => escapeText(role)))].join(', ')
  return checkpoints.length === 0 ? '' : `${checkpoints.length} checkpoints (${roles}), listed when it is time to look`
}

function signersText(event: EventOf<'sign-off-requested'>, state: State, phases: readonly Phase[]): string {
  const numbers = phases.map((p) => p.number)
  const roles = requiredRoles(state.spec, numbers)
  const closed = roles.filter((role) => closedToRequester(phases, numbers, role) !== undefined)
  return `*Must sign:* ${rolesText(roles)}. Everybody signs once${exceptionText(event, roles, closed)}.`
}

/** What the one who asked may not sign as. */
function exceptionText({ by }: EventOf<'sign-off-requested'>, roles: readonly Role[], closed: readonly Role[]): string {
  if (closed.length === 0) return ''
  if (closed.length === roles.length) return `; not ${who(by)}, who asked`
  return `; ${who(by)}, who asked, not as ${[...new Set(closed)].map(escapeText).join(' or ')}`
}

/** A freeze that begins before the release can be through. */
function ahead(
  { at, phase }: EventOf<'sign-off-requested'>,
  { spec }: State,
  freezes: readonly FreezeWindow[],
): readonly string[] {
  const left = spec.phases.filter(({ number }) => number >= phase)
  const planned = left.reduce((sum, { soak }) => sum + soak, 0)
  const freeze = nextFreeze(freezes, at, planned)
  return freeze === null ? [] : [aheadText(freeze, planned)]
}

/** Roles with how often each is needed: `sre × 2, commander`. */
export function rolesText(roles: readonly Role[]): string {
  return [...new Set(roles)]
    .map((role) => {
      const count = roles.filter((r) => r === role).length
      return count === 1 ? escapeText(role) : `${escapeText(role)} × ${count}`
    })
    .join(', ')
}

/** Which bytes and which text a sign-off is for. */
function identity(event: EventOf<'sign-off-requested'>, { spec, imageIds }: State): string {
  const ids =
    imageIds === undefined || hasDigest(spec.image) ? '' : ` (pods report ${imageIds.map(escapeText).join(', ')})`
  const hash = event.planHash === undefined ? '' : `Plan \`${event.planHash.slice(0, 12)}\`. `
  return `${hash}Image \`${escapeText(spec.image)}\`${ids}.`
}

function watched({ spec }: State, { number }: Phase): string {
  const metrics = metricsOf(spec, number).map((m) => `${escapeText(m.title)} (${escapeText(boundsText(m))})`)
  return `Watched: ${metrics.join(' · ')}`
}

function footer(event: EventOf<'sign-off-requested'>, status: PlanStatus): string {
  const by = `Asked for by ${who(event.by)}.`
  switch (status) {
    case 'open':
      return `${by} Expires at ${timeText(event.expiresAt)}.`
    case 'signed':
      return `${by} Every role has signed; it starts when the phase before has passed and nothing holds it.`
    case 'over':
      return `${by} Decided: see below.`
    case 'shown':
      return 'Only you see this, and nothing was changed.'
  }
}

function planButtons(event: EventOf<'sign-off-requested'>, status: PlanStatus): Button[] {
  const value = reference(event)
  const cancel: Button = { action: 'cancel', label: 'Cancel the request', value }
  if (status === 'signed') return [cancel]
  if (status !== 'open') return []
  return [
    { action: 'approve', label: 'Approve', value, style: 'primary' },
    { action: 'reject', label: 'Reject…', value, style: 'danger' },
    { action: 'withdraw', label: 'Withdraw mine', value },
    { action: 'nudge', label: 'Remind who is missing', value },
    cancel,
  ]
}
