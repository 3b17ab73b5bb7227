import type { Event } from '../rollout/events.ts'
import { nextPhase, type State } from '../rollout/state.ts'
import { isUnsigned } from '../rollout/unsigned.ts'
import { durationText } from './format.ts'
import type { Button } from './message.ts'
import { reference } from './reference.ts'

/** The buttons that an event's message offers. */
export function eventButtons(event: Event, state: State): readonly Button[] {
  const value = reference(event)
  const rollBack: Button = { action: 'roll-back', label: 'Roll back', value, style: 'danger' }
  switch (event.type) {
    case 'soak-passed':
    case 'targets-accepted':
    case 'soak-skipped':
    case 'sign-off-opened':
    case 'sign-off-cancelled':
    case 'sign-off-voided':
    case 'sign-off-rejected':
    case 'sign-off-expired': {
      const next = nextPhase(state)
      return next === undefined || state.request !== undefined
        ? []
        : [{ action: 'advance', label: `Ask to advance to ${next.weight} %`, value, style: 'primary' }]
    }
    case 'step-failed':
      if (isUnsigned({ failure: event })) return [{ action: 'override', label: 'Let it go on…', value }, rollBack]
      return [{ action: 'retry', label: 'Retry', value, style: 'primary' }, rollBack]
    case 'decision-awaited':
      return [...decisionButtons(state, value), rollBack]
    case 'clean-up-held':
      return [finishButton(event.failed === true, value)]
    case 'drift-found':
    case 'take-over-failed':
      if (state.lost !== undefined) return [rollBack]
      return [{ action: 'take-over', label: 'Take over again', value }, rollBack]
    case 'skip-asked':
      return [
        { action: 'approve-skip', label: 'Skip the soak', value, style: 'primary' },
        { action: 'reject-skip', label: 'Let it soak', value },
      ]
    case 'record-lost':
      return state.weight < 100 ? [rollBack] : [{ action: 'accept-targets', label: 'Accept…', value }, rollBack]
    default:
      return []
  }
}

/** What ends a wait for a decision, but for a rollback; `value` as of the event that asked for it. */
export function decisionButtons(state: State, value: string): readonly Button[] {
  return [
    { action: 'extend-soak', label: `Soak ${durationText(extension(state))} more`, value },
    { action: 'accept-targets', label: 'Accept…', value },
  ]
}

/** What ends a clean-up that waits for a person, because it failed or because the pods may still be at work; `value` as of the event that asked. */
export function finishButton(failed: boolean, value: string): Button {
  return { action: 'finish', label: failed ? 'Clean up again' : 'Scale down all the same', value }
}

/** How much a press of "Soak on" adds: a third of the phase's soak, in ms. */
export function extension(state: State): number {
  const soak = state.spec.phases.find((p) => p.number === state.phase)?.soak ?? 0
  return Math.max(1_000, Math.round(soak / 3_000) * 1_000)
}
