import { beforeEach, expect, test } from 'vitest'
import { own } from '../../src/jobs/outcome.ts'
import { shift } from '../../src/jobs/shift.ts'
import { spec } from '../rollout/drive.ts'
import { createFakeWorld, type FakeWorld } from './fake-world.ts'
import { eventsOf, look, say, sign, startRelease, stateOf } from './release.ts'

let world: FakeWorld
/** Phase 1 runs image a, phase 2 is signed for it. */
beforeEach(async () => {
  world = createFakeWorld()
  await startRelease(world)
  await shift(world, 1, false)
  world.shown.imageIds.green = ['sha256:a']
  await look(world)
  const observed = spec.phases[0]?.soak ?? 0
  await world.rollouts.execute(1, own(world, { type: 'record-soak', phase: 1, of: 'soak', observed, figures: [] }))
  await say(world, { type: 'advance' }, 'devops')
  await sign(world)
  await look(world)
})

const override = (roles: readonly string[]) =>
  say(world, { type: 'override', reason: 'it is what was meant', roles, holders: [] }, 'commander')

test('pods of another image under the same tag get no more traffic, however they were found', async () => {
  world.shown.imageIds.green = ['sha256:evil', 'sha256:a']
  await shift(world, 1, false)
  expect(world.weights.green).toBe(5)
  expect((await eventsOf(world)).slice(-2)).toEqual(['image-ids-seen', 'step-failed'])
  // Seen a while ago, it is no smaller change.
  await look(world)
  await shift(world, 1, false)
  expect(world.weights.green).toBe(5)
})

test('the watch finds them, too, while the phase waits for its pods', async () => {
  world.shown.imageIds.green = ['sha256:evil', 'sha256:a']
  await look(world)
  expect((await stateOf(world)).failure?.code).toBe('image-changed')
  await shift(world, 1, false)
  expect(world.weights.green).toBe(5)
})

test('trying again does not let them through: the role that decides does, with a reason', async () => {
  world.shown.imageIds.green = ['sha256:evil', 'sha256:a']
  await shift(world, 1, false)
  const retried = await say(world, { type: 'retry' })
  expect(retried).toMatchObject({
    refusal: { code: 'not-possible-now', detail: { instead: expect.stringMatching(/override/) } },
  })
  expect(await override(['sre'])).toMatchObject({
    refusal: { code: 'role-not-held', detail: { roles: [spec.decides] } },
  })
  await shift(world, 1, false)
  expect(world.weights.green).toBe(5)
  expect(await override([spec.decides])).toMatchObject({
    events: [{ type: 'hold-overridden', role: spec.decides, unsigned: expect.stringMatching(/another image/) }],
  })
  await shift(world, 1, false)
  expect(world.weights.green).toBe(20)
})

test('an override that was said before they were seen does not count for them', async () => {
  const said = world.time
  world.time += 1
  world.shown.imageIds.green = ['sha256:evil', 'sha256:a']
  await shift(world, 1, false)
  const late = { type: 'override', reason: 'x', seen: said, roles: [spec.decides], holders: [] } as const
  expect(await say(world, late, 'commander')).toMatchObject({ refusal: { code: 'said-before' } })
})

test('fewer of the same are no change', async () => {
  world.shown.imageIds.green = ['sha256:a', 'sha256:b']
  await shift(world, 1, false)
  await override([spec.decides])
  world.shown.imageIds.green = ['sha256:b']
  await shift(world, 1, false)
  expect(world.weights.green).toBe(20)
})
