import type { Projection } from '../rollout/effects.ts'
import type { Event } from '../rollout/events.ts'
import { evolve } from '../rollout/evolve.ts'
import type { State } from '../rollout/state.ts'
import type { World } from './world.ts'

/** One event to show, with the state after it. */
export interface Shown {
  readonly event: Event
  readonly state: State
  /** An earlier try may have acted: look it up before acting again. */
  readonly uncertain: boolean
}

/** Turns events into something people see. `show` acts once for an event, and throws when it could not. */
export interface Projector {
  readonly name: Projection
  show(shown: Shown): Promise<void>
}

/** Longer than any single call of a projector takes, so that a lease outlives the call it covers. */
const leaseFor = 30_000

/**
 * Shows the events after the cursor, in order, one process at a time. Returns `busy` when another process is at it:
 * the caller comes back, so that what was appended meanwhile is not left lying.
 */
export async function project(world: World, projector: Projector, rollout: number): Promise<'done' | 'busy'> {
  const { leases, cursors, rollouts } = world
  const lease = await leases.take(`project-${projector.name}-${rollout}`, leaseFor)
  if (lease === null) return 'busy'
  try {
    const cursor = await cursors.get(rollout, projector.name)
    let state: State | null = null
    for (const event of await rollouts.history(rollout)) {
      state = evolve(state, event)
      if (event.version <= cursor.done) continue
      if (!(await lease.renew(leaseFor))) return 'busy'
      await cursors.begin(rollout, projector.name, event.version)
      await projector.show({ event, state, uncertain: cursor.begun === event.version })
      await cursors.finish(rollout, projector.name, event.version)
    }
    return 'done'
  } finally {
    await lease.release()
  }
}
