import { beforeEach, expect, test } from 'vitest'
import { shift } from '../../src/jobs/shift.ts'
import { spec } from '../rollout/drive.ts'
import { createFakeWorld, type FakeWorld } from './fake-world.ts'
import { startRelease, stateOf } from './release.ts'

let world: FakeWorld
beforeEach(async () => {
  world = createFakeWorld()
  await startRelease(world)
  world.shown.oldReady.green = 5
})

/** Shifts phase 1; time passes as the job waits for it, and `onWait` happens then. */
async function shifted(onWait: () => void = () => undefined): Promise<void> {
  const clock = {
    now: () => world.time,
    async wait(ms: number) {
      world.time += ms
      onWait()
    },
  }
  await shift({ ...world, clock }, 1, false)
}

test('a canary gets no weight as long as pods of its former image would serve it', async () => {
  const seen: [left: number, weight: number][] = []
  await shifted(() => {
    seen.push([world.shown.oldReady.green, world.weights.green])
    world.shown.oldReady.green -= 1
  })
  expect(seen).toEqual([5, 4, 3, 2, 1].map((left) => [left, 0]))
  expect(world.weights.green).toBe(5)
})

test('those that never go stop the phase, by their number', async () => {
  const begun = world.time
  await shifted()
  expect(world.weights.green).toBe(0)
  expect(world.time - begun).toBe(spec.readyWithin)
  expect((await stateOf(world)).failure?.what).toBe(
    '1 of 1 pods of the canary were ready after 600 s, and 5 of another image still served beside them.',
  )
})
