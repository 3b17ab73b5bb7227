import type { Actor } from './events.ts'
import type { Freeze } from './freeze.ts'
import type { Role } from './plan.ts'
import { type Refusal, refuse } from './refusal.ts'
import type { State } from './state.ts'

/** Somebody has locked the service: nothing starts or moves forward until somebody unlocks it. */
export interface Lock {
  /** Id of the command that locked. */
  readonly id: string
  readonly by: Actor
  /** ms since 1970. */
  readonly at: number
  readonly reason: string
}

/** What keeps a service where it is at a moment. Both are live: no event of a rollout begins or ends them. */
export interface Holds {
  readonly freeze?: Freeze
  readonly lock?: Lock
}

/** What somebody has decided not to be held by: the freeze up to this end (ms since 1970), and the lock of this id. */
export interface Overridden {
  readonly freeze?: number
  readonly lock?: string
}

/** What of this holds a rollout: all that nobody has overridden for it. A longer freeze, or another lock, holds again. */
export function holdsOn(overridden: Overridden | undefined, { freeze, lock }: Holds): Holds {
  return {
    ...(freeze !== undefined && freeze.until > (overridden?.freeze ?? 0) && { freeze }),
    ...(lock !== undefined && lock.id !== overridden?.lock && { lock }),
  }
}

/** Does any of this hold a rollout? */
export function isHeld({ overridden }: Pick<State, 'overridden'>, holds: Holds): boolean {
  return isAny(holdsOn(overridden, holds))
}

/** Is there a freeze or a lock among these? */
export function isAny({ freeze, lock }: Holds): boolean {
  return freeze !== undefined || lock !== undefined
}

/** The refusal that a hold leads to, null when nothing holds: what a person did is told before what the calendar says. */
export function heldRefusal({ freeze, lock }: Holds, decides: Role, how: string): { readonly refusal: Refusal } | null {
  const override = { role: decides, how }
  if (lock !== undefined) {
    const { by, at, reason } = lock
    return refuse('locked', { by: by.name, at, reason, ...override })
  }
  if (freeze === undefined) return null
  const { title, until, zone } = freeze
  return refuse('frozen', { title, until, zone, ...override })
}
