import type { CommandOf } from './commands.ts'
import type { Decision } from './decision.ts'
import type { Actor } from './events.ts'
import { refuse } from './refusal.ts'
import { isOver, type State } from './state.ts'

/** Who is in charge of a rollout: whoever took it over last, or else started it. It gives no rights: roles do. */
function inCharge({ handover, startedBy }: State): Actor {
  return handover?.to ?? startedBy
}

/** Somebody else is in charge from now on. */
export function decideHandover(state: State, { by, to }: CommandOf<'hand-over'>): Decision {
  if (isOver(state)) return refuse('rollout-over', { stage: state.stage })
  const from = inCharge(state)
  if (from.id === to.id) return refuse('in-charge-already', { name: to.name })
  return { events: [{ type: 'handed-over', by, from, to, since: state.handover?.version ?? 1 }] }
}
