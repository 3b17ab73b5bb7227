import { clip } from '../clip.ts'
import type { EventOf } from '../rollout/events.ts'
import { openCheckpoints } from '../rollout/sign-off.ts'
import { phaseOf, type State } from '../rollout/state.ts'
import { escapeText, who } from './format.ts'
import { type Button, type Message, textMessage } from './message.ts'
import { messageId, reference } from './reference.ts'
import { tickOff } from './sign-off-buttons.ts'

/** What people look at before a phase starts, with who has looked, in one list. */
export function checkpointsText({ phase: number }: Pick<EventOf<'checkpoints-asked'>, 'phase'>, state: State): string {
  const lines = (phaseOf(state, number)?.checkpoints ?? []).map(({ text, role }, index) => {
    const tick = state.ticks.find((t) => t.phase === number && t.checkpoint === index + 1)
    const looked = tick === undefined ? `☐ ${escapeText(role)} looks` : `☑ ${who(tick.by)} (${escapeText(tick.role)})`
    return `• ${escapeText(text)}: ${looked}`
  })
  return `*Checkpoints of phase ${number}:* look at the canary, then tick off. The phase waits for all of them.\n${lines.join('\n')}`
}

/** The list with a button for each that is left; none once its phase has started, or will not. */
export function checkpointsMessage(event: EventOf<'checkpoints-asked'>, state: State): Message {
  const value = reference(event)
  const asks = state.phase < event.phase && state.rollback === undefined && state.lost === undefined
  const left = asks ? openCheckpoints(state, event.phase) : []
  const list = left.map((place): Button => {
    const text = phaseOf(state, event.phase)?.checkpoints?.[place - 1]?.text ?? ''
    return { action: `${tickOff}:${place}`, label: clip(`Looked at: ${text}`, 75), value }
  })
  return textMessage(messageId(event), checkpointsText(event, state), list)
}

/** Which checkpoint was looked at, by whom, and how many are left. */
export function tickedText(event: EventOf<'checkpoint-ticked'>, state: State): string {
  const text = phaseOf(state, event.phase)?.checkpoints?.[event.checkpoint - 1]?.text ?? ''
  const left = openCheckpoints(state, event.phase).length
  return `☑ ${escapeText(text)}: ticked off by ${who(event.by)} (${escapeText(event.role)}). ${left === 0 ? `Every checkpoint of phase ${event.phase} is.` : `${left} to go.`}`
}
