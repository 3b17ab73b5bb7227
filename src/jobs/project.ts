import type { Cursor } from '../ledger/cursors.ts'
import type { Lease } from '../ledger/leases.ts'
import { statesAfter } from '../ledger/states.ts'
import type { Projection } from '../rollout/effects.ts'
import type { Event } from '../rollout/events.ts'
import type { State } from '../rollout/state.ts'
import { isRefusal } from './failure.ts'
import { leaseFor, whileRenewed } from './while-renewed.ts'
import type { World } from './world.ts'

/** One event to show, with the state after it. */
export interface Shown {
  readonly event: Event
  readonly state: State
  /** An earlier try may have acted: look it up before acting again. */
  readonly uncertain: boolean
}

/** Throws when another process may be at it by now: awaited right before anything that others see. */
export type Ours = () => Promise<void>

/** Turns events into something people see. */
export interface Projector {
  readonly name: Projection
  /** Is there anything to show of this one (by default there is)? Where there is not, nothing is begun: it is passed over. */
  readonly shows?: (one: Shown) => boolean
  /** How many of the events that wait, from the first on, are shown as one (1 by default). */
  readonly together?: (waiting: readonly Shown[]) => number
  /** Is it time to show these? Where it is not, nothing is begun, and the caller comes back (by default it is). */
  readonly isTime?: (shown: readonly Shown[]) => Promise<boolean>
  /** Does it no harm to act twice, at whatever time? Then nothing is begun, and nothing is looked up. */
  readonly repeatable?: true
  /** How long after a try that was cut short was begun its effect may still arrive, in ms; its act itself begins within `beginsWithin`. */
  readonly settles: number
  /** Acts once for each event, and throws when it could not. */
  show(shown: readonly Shown[], ours: Ours): Promise<void>
}

/** An act begins within this time (ms) after the cursor says that it has: looking up and waiting for Redis may take longer. */
export const beginsWithin = 1_000

/**
 * Shows the events after the cursor, in order, one process at a time. Returns `busy` when another process is at it:
 * the caller comes back, so that what was appended meanwhile is not left lying.
 */
export async function project(world: World, projector: Projector, rollout: number): Promise<'done' | 'busy'> {
  const { leases, cursors, rollouts, clock } = world
  const lease = await leases.take(`project-${projector.name}-${rollout}`, leaseFor)
  if (lease === null) return 'busy'
  try {
    const cursor = await cursors.get(rollout, projector.name)
    const { done, begun, begunAt } = cursor
    // What was begun and not finished may still arrive: looking it up too early would find nothing, and say it twice.
    if (begun > done && clock.now() < begunAt + projector.settles) return 'busy'
    let last = done
    let waiting = after(last, begun, await rollouts.history(rollout))
    while (waiting.length > 0) {
      const first = waiting.findIndex((one) => projector.shows?.(one) ?? true)
      const due = first < 0 ? [] : waiting.slice(first)
      const shown = due.slice(0, projector.together?.(due) ?? 1)
      if (shown.length > 0 && (await showDue(world, projector, lease, cursor, shown)) === 'busy') return 'busy'
      const end = (shown.at(-1) ?? waiting.at(-1))?.event
      if (end === undefined) break
      const newest = await cursors.finish(rollout, projector.name, end)
      last = end.version
      waiting = due.slice(shown.length)
      // What was appended while this job ran has started no other.
      if (waiting.length === 0 && newest > last) waiting = after(last, begun, await rollouts.history(rollout))
    }
    return 'done'
  } finally {
    await lease.release()
  }
}

/** Shows what is due, under the lease. Returns `busy` when it is not the time, or the lease is another's. */
async function showDue(
  { cursors, clock }: World,
  projector: Projector,
  lease: Lease,
  { begun, begunAt }: Cursor,
  shown: readonly Shown[],
): Promise<'done' | 'busy'> {
  const event = shown.at(-1)?.event
  if (event === undefined) return 'done'
  const { rollout, version } = event
  if (!((await projector.isTime?.(shown)) ?? true)) return 'busy'
  if (projector.repeatable) {
    await projector.show(shown, async () => undefined)
    return 'done'
  }
  const renewedAt = clock.now()
  if (!(await lease.renew(leaseFor))) return 'busy'
  let at = renewedAt
  // An earlier try may have begun more than this: all of it stays uncertain.
  const begin = () => cursors.begin(rollout, projector.name, Math.max(begun, version), at)
  await begin()
  try {
    await whileRenewed(clock, lease, renewedAt, (check) =>
      projector.show(shown, async () => {
        while (clock.now() > at + beginsWithin) {
          at = clock.now()
          await begin()
        }
        check()
      }),
    )
  } catch (error) {
    if (isRefusal(error)) await cursors.undo(rollout, projector.name, { version, at }, { begun, begunAt })
    throw error
  }
  return 'done'
}

/** The events that are not done, each with its state. */
function after(done: number, begun: number, history: readonly Event[]): readonly Shown[] {
  return statesAfter(history, done).map(({ event, state }) => ({ event, state, uncertain: event.version <= begun }))
}
