import type { CommandOf } from './commands.ts'
import { after, startIfSigned } from './decide-sign-off.ts'
import { type Decision, nothing } from './decision.ts'
import type { EventBody } from './events.ts'
import { type Holds, heldRefusal, holdsOn, isAny } from './hold.ts'
import { refuse } from './refusal.ts'
import { mayNotLetGoOn } from './sign-off.ts'
import { isOver, type State } from './state.ts'
import { howToLetGoOn } from './unsigned.ts'

/** The service was locked while this rollout is under way: its thread tells it. */
export function decideLock(state: State, { by, reason }: CommandOf<'lock'>): Decision {
  return isOver(state) ? nothing : { events: [{ type: 'locked', by, reason }] }
}

/** It was unlocked; a phase that was signed meanwhile starts. */
export function decideUnlock(state: State, command: CommandOf<'unlock'>): Decision {
  if (isOver(state)) return nothing
  const { by, was } = command
  const unlocked: EventBody = { type: 'unlocked', by, was }
  return { events: [unlocked, ...startIfSigned(after(state, unlocked, command), command)] }
}

/** Lets a rollout go on although it is frozen or locked, or was stopped for want of sign-offs: the role that decides, with a reason. */
export function decideOverride(state: State, command: CommandOf<'override'>): Decision {
  if (isOver(state)) return refuse('rollout-over', { stage: state.stage })
  const { rollback, stage, spec } = state
  if (rollback !== undefined) return refuse('already-rolling-back', { by: rollback.by.name, at: rollback.orderedAt })
  const holds = holdsOn(state.overridden, command)
  const stopped = howToLetGoOn(state, command.at) === null ? undefined : state.failure
  if (!isAny(holds) && stopped === undefined)
    return refuse('not-possible-now', { what: 'override', stage, instead: 'Neither a freeze nor a lock holds it.' })
  const { roles, holders, seen = command.at, ofStop } = command
  if (stopped !== undefined && seen < stopped.at) return refuse('said-before', { moment: 'failed' })
  const unseen = heldRefusal(ofStop ? holds : unseenOf(holds, seen), spec.decides, '/deploy override <reason>')
  if (unseen !== null) return unseen
  if (!roles.includes(spec.decides)) return refuse('role-not-held', { roles: [spec.decides], holders })
  if (stopped !== undefined && mayNotLetGoOn(state, command.by.id))
    return refuse('requester-may-not-sign', { phase: state.phase })
  const unsigned = stopped === undefined ? {} : { unsigned: stopped.what }
  const overridden = { ...overriddenEvent(holds, spec.decides, command), ...unsigned }
  return { events: [overridden, ...startIfSigned(after(state, overridden, command), command)] }
}

/** What of this began to hold after its sender had looked (ms since 1970): nobody overrides what they have not seen. */
export function unseenOf({ freeze, lock }: Holds, seen: number): Holds {
  return {
    ...(freeze !== undefined && freeze.from > seen && { freeze }),
    ...(lock !== undefined && lock.at > seen && { lock }),
  }
}

/** The event that says who has overridden what, and why. */
export function overriddenEvent(
  holds: Holds,
  role: string,
  { by, reason }: Pick<CommandOf<'override'>, 'by' | 'reason'>,
): EventBody {
  return { type: 'hold-overridden', by, role, reason, ...holds }
}
