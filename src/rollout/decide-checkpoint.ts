import type { CommandOf } from './commands.ts'
import { after, startIfSigned } from './decide-sign-off.ts'
import type { Decision } from './decision.ts'
import type { EventBody } from './events.ts'
import { refuse } from './refusal.ts'
import { isOver, nextPhase, type State } from './state.ts'

/** Asks people to look at what the next phase wants looked at, where it wants anything. */
export function checkpointsEvents(state: State): EventBody[] {
  const next = nextPhase(state)
  if (next?.checkpoints === undefined || next.checkpoints.length === 0) return []
  return [{ type: 'checkpoints-asked', phase: next.number }]
}

/** Somebody of the checkpoint's role has looked; the last tick that is missing starts a phase that is signed. */
export function decideTickCheckpoint(state: State, command: CommandOf<'tick-checkpoint'>): Decision {
  const { rollback } = state
  if (isOver(state)) return refuse('rollout-over', { stage: state.stage })
  if (rollback !== undefined) return refuse('already-rolling-back', { by: rollback.by.name, at: rollback.orderedAt })
  const next = nextPhase(state)
  const phase = next?.number ?? state.phase
  const asked = next?.checkpoints?.[command.checkpoint - 1]
  if (asked === undefined || state.checkpointsAsked !== phase) return refuse('no-such-checkpoint', { phase })
  const { checkpoint, by, roles, holders } = command
  if (!roles.includes(asked.role)) return refuse('role-not-held', { roles: [asked.role], holders })
  const ticked = state.ticks.find((t) => t.phase === phase && t.checkpoint === checkpoint)
  if (ticked !== undefined) return refuse('already-ticked', { by: ticked.by.name, at: ticked.at })
  const event: EventBody = { type: 'checkpoint-ticked', phase, checkpoint, role: asked.role, by }
  return { events: [event, ...startIfSigned(after(state, event, command), command)] }
}
