import type { Command } from './commands.ts'
import { type Refusal, refuse } from './refusal.ts'
import { nextPhase, type State } from './state.ts'

/**
 * Why a terminal may not do this, null when it may: it proves nobody's identity, so it takes things back or asks, and never
 * signs, decides or lifts what somebody else holds.
 */
export function refusedToTerminal(state: State | null, command: Command): { readonly refusal: Refusal } | null {
  if (command.by.via !== 'cli') return null
  switch (command.type) {
    case 'roll-back':
    case 'pause':
      return null
    case 'resume':
      return state?.paused === undefined || state.paused.by.via === 'cli'
        ? null
        : refuse('terminal-unproven', { what: `lift what ${state.paused.by.name} holds` })
    case 'start':
    case 'advance': {
      const phase = command.type === 'start' ? command.spec.phases[0] : state === null ? undefined : nextPhase(state)
      // Who asks there may not sign, and nobody could tell that it was the same person.
      return phase?.requesterMaySign === false
        ? refuse('terminal-unproven', { what: `ask for phase ${phase.number}, where whoever asks may not sign` })
        : null
    }
    default:
      return refuse('terminal-unproven', { what: command.type.replaceAll('-', ' ') })
  }
}
