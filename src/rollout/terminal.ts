import type { Command } from './commands.ts'
import { type Refusal, refuse } from './refusal.ts'
import type { State } from './state.ts'

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
      const { phases } = command.type === 'start' ? command.spec : (state?.spec ?? { phases: [] })
      const left = phases.filter((p) => p.number > (state?.phase ?? 0))
      // Who asks there may not sign, and nobody could tell that it was the same person.
      const phase = (command.all === true ? left : left.slice(0, 1)).find((p) => !p.requesterMaySign)
      return phase !== undefined
        ? refuse('terminal-unproven', { what: `ask for phase ${phase.number}, where whoever asks may not sign` })
        : null
    }
    default:
      return refuse('terminal-unproven', { what: command.type.replaceAll('-', ' ') })
  }
}
