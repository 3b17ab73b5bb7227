import { beforeEach, expect, test } from 'vitest'
import { rollBack } from '../../src/jobs/roll-back.ts'
import { shift } from '../../src/jobs/shift.ts'
import type { RolloutSpec } from '../../src/rollout/plan.ts'
import { threadText } from '../../src/slack/texts.ts'
import { spec } from '../rollout/drive.ts'
import { createFakeWorld, type FakeWorld } from './fake-world.ts'
import { cleanedUp, eventsOf, say, startRelease, stateOf } from './release.ts'

const { requestsQuery: _query, ...uncounted } = spec

let world: FakeWorld
beforeEach(() => {
  world = createFakeWorld()
})

/** A canary at 5 % that is taken back, while route `admin` leads to it as well: it gets no request in a whole window. */
async function takenBack(release: RolloutSpec = spec): Promise<void> {
  await startRelease(world, release)
  await shift(world, 1, false)
  world.shown.others.green = ['admin']
  await say(world, { type: 'roll-back', reason: 'slow', forced: true })
  await rollBack(world, 1, false)
  world.time += spec.staleAfter
  world.samples.set('http_requests_total{service="claude-enhancer",track="green"', { value: 0, at: 0 })
}

async function lastTold(): Promise<string | undefined> {
  const event = (await world.rollouts.history(1)).at(-1)
  return event === undefined ? undefined : threadText(event, await stateOf(world))?.text
}

test.each<[string, RolloutSpec]>([
  ['counted as none', spec],
  ['not counted at all', uncounted],
])('a track that another route leads to keeps its pods where its requests are %s', async (_, release) => {
  await takenBack(release)
  await cleanedUp(world)
  expect(world.shown.sizes.green).toBeGreaterThan(0)
  expect(await lastTold()).toContain(
    '*The pods of green stay:* other routes send to it as well, and must stop first: admin',
  )
})

test('nobody can order them away until that route leads elsewhere', async () => {
  await takenBack()
  await cleanedUp(world)
  await say(world, { type: 'finish' })
  await cleanedUp(world)
  expect(world.shown.sizes.green).toBeGreaterThan(0)
  expect((await eventsOf(world)).at(-1)).toBe('clean-up-held')
  world.shown.others.green = []
  await say(world, { type: 'finish' })
  await cleanedUp(world)
  expect(world.shown.sizes.green).toBe(0)
})

test('the pods go by themselves when the route leads elsewhere in time, whoever uses the other track', async () => {
  await takenBack()
  let waits = 0
  await cleanedUp(world, () => {
    waits += 1
    if (waits === 5) Object.assign(world.shown.others, { blue: ['admin'], green: [] })
  })
  expect(waits).toBe(5)
  expect(world.shown.sizes.green).toBe(0)
  expect(await eventsOf(world)).not.toContain('clean-up-held')
})

test('a rollback takes the traffic back whatever other routes there are', async () => {
  await startRelease(world)
  await shift(world, 1, false)
  Object.assign(world.shown.others, { blue: ['admin'], green: ['admin'] })
  await say(world, { type: 'roll-back', reason: 'slow', forced: true })
  const before = world.time
  await rollBack(world, 1, false)
  expect(world.weights).toEqual({ blue: 100, green: 0 })
  expect(world.time).toBe(before)
})

test('nobody is asked about pods that a try without a record has taken away', async () => {
  await takenBack()
  Object.assign(world.shown.sizes, { green: 0 })
  Object.assign(world.shown.ready, { green: 0 })
  await cleanedUp(world)
  expect((await eventsOf(world)).at(-1)).toBe('cleaned-up')
})
