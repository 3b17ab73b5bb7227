import type { EventOf } from '../rollout/events.ts'
import { metricsOf } from '../rollout/plan.ts'
import { planOf } from '../rollout/sign-off.ts'
import { isObserved, phaseOf, type State } from '../rollout/state.ts'
import { boundsText, durationText, escapeText, timeText, who } from './format.ts'
import { type Button, buttons, context, type Message, section, withId } from './message.ts'
import { messageId, reference } from './reference.ts'

/** The plan of a phase with its buttons: exactly what a sign-off is for. `open` is false once it is decided. */
export function planMessage(event: EventOf<'sign-off-requested'>, state: State, open: boolean): Message {
  const phase = phaseOf(state, event.phase)
  const plan = phase === undefined ? null : planOf(state, phase)
  if (phase === undefined || plan === null) throw new Error('a plan is asked for after preparation only')
  const title = `Plan of phase ${phase.number} of ${state.spec.phases.length}: ${phase.name}`
  const lines = [
    `*${escapeText(title)}* (proves: ${escapeText(phase.proves)})`,
    `• Image: \`${escapeText(plan.image)}\` on ${plan.canary}, ${plan.replicas} of ${state.parts?.stableSize ?? 0} pods`,
    `• Weight: ${state.weight} % → *${phase.weight} %*`,
    `• Soak: ${durationText(phase.soak)} of observed time`,
    `• Watched: ${metricsOf(state.spec, phase.number)
      .map((m) => `${escapeText(m.title)} (${escapeText(boundsText(m))})`)
      .join(' · ')}`,
    `• Must sign: *${phase.roles.map(escapeText).join(', ')}*, one person each${phase.requesterMaySign ? '' : `; not ${who(event.by)}, who asked`}`,
  ]
  const blocks = [
    section(lines.join('\n')),
    context(
      `Asked for by ${who(event.by)}. ${open ? `Expires at ${timeText(event.expiresAt)}.` : 'Decided: see below.'}`,
    ),
    ...(isObserved(state) && open
      ? [
          context(
            'Practice: Slipway only observes this release. Signing moves nothing; it shows whether the sign-offs would have been there.',
          ),
        ]
      : []),
    ...(open ? buttons(planButtons(event)) : []),
  ]
  return withId(messageId(event), { text: escapeText(title), blocks })
}

function planButtons(event: EventOf<'sign-off-requested'>): Button[] {
  const value = reference(event)
  return [
    { action: 'approve', label: 'Approve', value, style: 'primary' },
    { action: 'reject', label: 'Reject', value, style: 'danger' },
  ]
}
