import { shift } from '../../src/jobs/shift.ts'
import type { Event } from '../../src/rollout/events.ts'
import type { State } from '../../src/rollout/state.ts'
import { createFakeWorld, type FakeWorld } from '../jobs/fake-world.ts'
import { look, nextPhase, say, startRelease, stateOf } from '../jobs/release.ts'

/** A release in its second phase whose ledger is as long as that of a restless night. */
export interface LongRelease {
  readonly world: FakeWorld
  readonly state: State
  readonly history: readonly Event[]
}

/** Pauses and goes on so often. */
const interruptions = 60

export async function createLongRelease(): Promise<LongRelease> {
  const world = createFakeWorld()
  await startRelease(world)
  await shift(world, 1, false)
  await nextPhase(world)
  for (let i = 0; i < interruptions; i++) {
    await say(world, { type: 'pause', reason: 'to look at the figures' })
    await say(world, { type: 'resume' })
  }
  await look(world, 20)
  return { world, state: await stateOf(world), history: await world.rollouts.history(1) }
}
