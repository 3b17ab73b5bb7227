import { beforeEach, describe, expect, test } from 'vitest'
import { own } from '../../src/jobs/outcome.ts'
import { shift } from '../../src/jobs/shift.ts'
import { spec } from '../rollout/drive.ts'
import { createFakeWorld, type FakeWorld } from './fake-world.ts'
import { say, startRelease, stateOf } from './release.ts'

const stands = spec.signOffExpires

const tick = (unreachableSince: number | null) =>
  world.rollouts.execute(1, own(world, { type: 'tick', unreachableSince }))

const stepFails = (code: string) =>
  world.rollouts.execute(
    1,
    own(world, { type: 'record-step-failed', step: 'shift', phase: 1, code, what: 'Slow.', todo: 'Look.' }),
  )

let world: FakeWorld
let since: number
/** A phase has just started, and everything was away for longer than its sign-offs stand. */
beforeEach(async () => {
  world = createFakeWorld()
  await startRelease(world)
  since = world.time
  await world.beside.hear(since)
  world.time += stands + 60_000
})

describe('a shift that comes before the rollout has been told of an absence', () => {
  test('waits for it, and goes on in the time that its sign-offs then have', async () => {
    await shift(world, 1, false)
    expect((await stateOf(world)).failure).toBeUndefined()
    expect(world.weights.green).toBe(0)
    await tick(since)
    await world.beside.hear(world.time)
    await tick(null)
    await shift(world, 1, false)
    expect(world.weights.green).toBe(5)
  })

  test('though Slack is there already, stops it only until the time is added', async () => {
    await world.beside.hear(world.time)
    await shift(world, 1, false)
    expect((await stateOf(world)).failure).toMatchObject({ code: 'sign-offs-lapsed' })
    await tick(since)
    await tick(null)
    expect((await stateOf(world)).failure).toBeUndefined()
    await shift(world, 1, false)
    expect(world.weights.green).toBe(5)
  })
})

test('that they have lapsed is not recorded once the time of the absence was added', async () => {
  await tick(since)
  await tick(null)
  await stepFails('sign-offs-lapsed')
  expect((await stateOf(world)).failure).toBeUndefined()
})

test('a silence that began after its sign-offs had lapsed brings none of them back', async () => {
  await world.beside.hear(world.time)
  await shift(world, 1, false)
  await tick(world.time - 30_000)
  await tick(null)
  expect((await stateOf(world)).failure).toMatchObject({ code: 'sign-offs-lapsed' })
})

test('a step that failed is not tried again once they have lapsed: the role that decides lets it go on', async () => {
  world.time = since
  await stepFails('x')
  const { decides } = spec
  const override = () => say(world, { type: 'override', reason: 'wanted', roles: [decides], holders: [] }, decides)
  world.time = since + stands - 1
  expect(await override()).toMatchObject({ refusal: { code: 'not-possible-now' } })
  world.time = since + stands
  expect(await say(world, { type: 'retry' })).toMatchObject({
    refusal: { code: 'not-possible-now', detail: { instead: expect.stringContaining('/deploy override <reason>') } },
  })
  expect(await override()).not.toHaveProperty('refusal')
  await shift(world, 1, false)
  expect(world.weights.green).toBe(5)
})

test('until then it is tried again', async () => {
  world.time = since + stands - 1
  await stepFails('x')
  expect(await say(world, { type: 'retry' })).not.toHaveProperty('refusal')
})
