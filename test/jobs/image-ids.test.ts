import { beforeEach, expect, test } from 'vitest'
import { shift } from '../../src/jobs/shift.ts'
import { takeOver } from '../../src/jobs/take-over.ts'
import { threadText } from '../../src/slack/texts.ts'
import { spec } from '../rollout/drive.ts'
import { createFakeWorld, type FakeWorld } from './fake-world.ts'
import { askForNext, eventsOf, look, say, sign, startPhase2, startRelease, stateOf } from './release.ts'

let world: FakeWorld
/** Phase 1 runs image a, phase 2 is signed for it. */
beforeEach(async () => {
  world = createFakeWorld()
  await startPhase2(world, 'sha256:a')
})

/** Phase 3 is asked for while the pods report these. */
async function askedWith(...ids: string[]): Promise<void> {
  world.shown.imageIds.green = ids
  await shift(world, 1, false)
  await override([spec.decides])
  await shift(world, 1, false)
  await askForNext(world)
}

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

test('nor do they get it back by taking over a change that took it away', async () => {
  world.shown.imageIds.green = ['sha256:evil', 'sha256:a']
  await look(world)
  Object.assign(world.weights, { blue: 100, green: 0 })
  await look(world)
  await say(world, { type: 'take-over' })
  await takeOver(world, 1, true)
  expect(world.weights.green).toBe(0)
  expect((await world.rollouts.history(1)).at(-1)).toMatchObject({
    type: 'take-over-failed',
    what: expect.stringMatching(/another image/),
  })
})

test('that they are gone is no other image that nobody has signed for', async () => {
  const text = async () => {
    const seen = (await world.rollouts.history(1)).findLast(({ type }) => type === 'image-ids-seen')
    return seen && threadText(seen, await stateOf(world))?.text
  }
  world.shown.imageIds.green = ['sha256:evil', 'sha256:a']
  await look(world)
  expect(await text()).toMatch(/another image/)
  world.shown.imageIds.green = ['sha256:a']
  await look(world)
  expect(await stateOf(world)).toMatchObject({ imageIds: ['sha256:a'] })
  expect(await text()).toBeUndefined()
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

test('the same digest under another repository is no other image', async () => {
  world.shown.imageIds.green = ['ghcr.io/acme/app@sha256:a', 'ghcr.io/acme/app-staging@sha256:a']
  await shift(world, 1, false)
  expect(world.weights.green).toBe(20)
  await askForNext(world)
  const { request } = await stateOf(world)
  world.shown.imageIds.green = ['ghcr.io/acme/app-staging@sha256:a']
  await look(world)
  expect((await stateOf(world)).request).toEqual(request)
})

test('pods that are away for one look, and come back, change nothing', async () => {
  // The plan of phase 3 names both.
  await askedWith('sha256:amd', 'sha256:arm')
  world.shown.imageIds.green = ['sha256:amd']
  await look(world)
  expect((await stateOf(world)).request).toBeDefined()
  await sign(world)
  await look(world)
  world.shown.imageIds.green = ['sha256:amd', 'sha256:arm']
  await look(world)
  await shift(world, 1, false)
  expect(world.weights.green).toBe(50)
})

test('one that was let through may come and go; one that nobody signed for stops the phase each time', async () => {
  world.shown.imageIds.green = ['sha256:b']
  await look(world)
  await override([spec.decides])
  world.shown.imageIds.green = ['sha256:a', 'sha256:b']
  await look(world)
  expect((await stateOf(world)).failure).toBeUndefined()
  world.shown.imageIds.green = ['sha256:a', 'sha256:evil']
  await look(world)
  await override([spec.decides])
  world.shown.imageIds.green = ['sha256:a', 'sha256:worse']
  await shift(world, 1, false)
  expect(world.weights.green).toBe(5)
})

test('what came back between two phases is in the next plan', async () => {
  world.shown.imageIds.green = ['sha256:b']
  await look(world)
  await override([spec.decides])
  await shift(world, 1, false)
  world.shown.imageIds.green = ['sha256:a', 'sha256:b']
  await look(world)
  await askForNext(world)
  expect(JSON.parse((await stateOf(world)).request?.plan ?? '')).toMatchObject({
    plan: { imageIds: ['sha256:a', 'sha256:b'] },
  })
})

test.each([
  ['one after the other', [['sha256:amd'], ['sha256:amd', 'sha256:arm']]],
  ['at once', [['sha256:amd', 'sha256:arm']]],
])("the first phase's own pods are no change: %s", async (_, reports) => {
  world = createFakeWorld()
  await startRelease(world)
  for (const ids of reports) {
    world.shown.images.green = spec.image
    world.shown.imageIds.green = ids
    await look(world)
  }
  await shift(world, 1, false)
  expect(world.weights.green).toBe(5)
  const others = async () => (await world.rollouts.history(1)).filter((e) => e.type === 'image-ids-seen' && e.before)
  // From its weight on they are what counts.
  world.shown.imageIds.green = ['sha256:amd']
  await look(world)
  expect(await others()).toEqual([])
  world.shown.imageIds.green = ['sha256:evil']
  await look(world)
  expect(await others()).toMatchObject([{ before: reports.at(-1) }])
})

test('pods that were replaced while the shift waited are looked at before they get more', async () => {
  // What was read last says nothing about now: the shift waits for numbers.
  world.time += 10 * spec.interval
  let waits = 0
  const clock = {
    now: () => world.time,
    async wait() {
      waits += 1
      await look(world)
      world.shown.imageIds.green = ['sha256:evil']
    },
  }
  await shift({ ...world, clock }, 1, false)
  expect(waits).toBe(1)
  expect(world.weights.green).toBe(5)
  expect((await stateOf(world)).failure?.code).toBe('image-changed')
})

test('the weight that is written while the watch finds them is told with that', async () => {
  const write: FakeWorld['cluster']['shift'] = async (...order) => {
    const written = await world.cluster.shift(...order)
    world.shown.imageIds.green = ['sha256:evil']
    await look(world)
    return written
  }
  await shift({ ...world, cluster: { ...world.cluster, shift: write } }, 1, false)
  const shifted = (await world.rollouts.history(1)).findLast((e) => e.type === 'traffic-shifted')
  expect(shifted).toMatchObject({ weight: 20, unsigned: expect.stringMatching(/another image/) })
  expect(shifted && threadText(shifted, await stateOf(world))).toMatchObject({
    text: expect.stringMatching(/gets 20 %.*nobody has signed for it.*another image.*Roll back/),
    broadcast: true,
  })
})
