import { expect, test } from 'vitest'
import { cleanUp } from '../../src/jobs/clean-up.ts'
import { rollBack } from '../../src/jobs/roll-back.ts'
import { shift } from '../../src/jobs/shift.ts'
import { spec } from '../rollout/drive.ts'
import { createFakeWorld, type FakeWorld } from './fake-world.ts'
import { eventsOf, say, startRelease, stateOf } from './release.ts'

const clockOf = (world: FakeWorld) => ({
  now: () => world.time,
  async wait(ms: number) {
    world.time += ms
  },
})

/** A canary that tells nothing, taken back. */
async function takenBack(before: (world: FakeWorld) => Promise<void>): Promise<FakeWorld> {
  const world = createFakeWorld()
  await startRelease(world)
  await before(world)
  await say(world, { type: 'roll-back', reason: 'it does not start', forced: true })
  await rollBack(world, 1, false)
  world.samples.set('increase(http_requests', { missing: 'empty', detail: 'no series' })
  await cleanUp({ ...world, clock: clockOf(world) }, 1, false)
  return world
}

const trouble = { pod: 'green-1', reason: 'ImagePullBackOff', message: 'no such image' }

test('the pods of a canary that never had traffic go without anybody being asked', async () => {
  const world = await takenBack(async (world) => {
    world.shown.readyAfterSize = false
    world.shown.troubles.green = trouble
    await shift({ ...world, clock: clockOf(world) }, 1, false)
    expect((await stateOf(world)).failure?.what).toContain('no such image')
  })
  expect(world.shown.sizes.green).toBe(0)
  expect(await eventsOf(world)).toContain('cleaned-up')
  const { rollback } = await stateOf(world)
  expect(world.time).toBeGreaterThanOrEqual((rollback?.restoredAt ?? 0) + spec.staleAfter)
})

test('those of one that may have had some stay until somebody has looked', async () => {
  for (const before of [
    async (world: FakeWorld) => shift(world, 1, false),
    // The weight was written, and the process died before it was recorded.
    async ({ shown }: FakeWorld) => {
      Object.assign(shown.weights, { blue: 95, green: 5 })
      Object.assign(shown.sizes, { green: 1 })
    },
  ]) {
    const world = await takenBack(before)
    expect((await eventsOf(world)).at(-1)).toBe('clean-up-held')
  }
})
