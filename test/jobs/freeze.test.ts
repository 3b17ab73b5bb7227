import { beforeEach, describe, expect, test } from 'vitest'
import { own } from '../../src/jobs/outcome.ts'
import { rollBack } from '../../src/jobs/roll-back.ts'
import { shift } from '../../src/jobs/shift.ts'
import { watch } from '../../src/jobs/watch.ts'
import type { FreezeWindow } from '../../src/rollout/freeze.ts'
import { answerWish } from '../../src/slack/answer-wish.ts'
import { spec } from '../rollout/drive.ts'
import { quietDesk } from '../slack/quiet-desk.ts'
import { createFakeWorld, type FakeWorld } from './fake-world.ts'
import { prepareRelease, say, sign, startRelease, stateOf } from './release.ts'

const tick = { type: 'tick', unreachableSince: null } as const

let world: FakeWorld
beforeEach(() => {
  world = createFakeWorld()
})

/** From 1970 until this moment. */
function freezeUntil(to: number): void {
  const window: FreezeWindow = { title: 'Year end', zone: 'UTC', every: 'dated', from: 0, to }
  Object.assign(world, { config: { ...world.config, freezes: [window] } })
}

test('nothing starts in a freeze, and its end is told', async () => {
  freezeUntil(world.time + 3_600_000)
  const [id = ''] = world.config.roles.commander?.users ?? []
  const answer = await answerWish(quietDesk(world), {
    id: 'w1',
    at: world.time,
    user: { id, name: 'ann' },
    ask: { kind: 'start', version: '5.1.0' },
  })
  expect(answer).toMatchObject({ refused: 'frozen', text: expect.stringContaining('Year end') })
  expect(await world.rollouts.current()).toBeNull()
})

test('what is signed in a freeze starts with the first look after it', async () => {
  await prepareRelease(world)
  const until = world.time + 60_000
  freezeUntil(until)
  await sign(world)
  await world.rollouts.execute(1, own(world, tick))
  expect((await stateOf(world)).stage).toBe('awaiting-sign-off')
  world.time = until
  await world.rollouts.execute(1, own(world, tick))
  expect((await stateOf(world)).stage).toBe('shifting')
})

test('the next phase can’t be asked for in a freeze', async () => {
  await startRelease(world)
  await shift(world, 1, false)
  const observed = world.config.release.phases[0]?.soak ?? 0
  await world.rollouts.execute(1, own(world, { type: 'record-soak', phase: 1, of: 'soak', observed, figures: [] }))
  freezeUntil(world.time + 60_000)
  expect(await say(world, { type: 'advance' })).toMatchObject({ refusal: { code: 'frozen' } })
  world.time += 60_000
  expect(await say(world, { type: 'advance' })).not.toHaveProperty('refusal')
})

test('a freeze that begins after the start holds the write of the weight, but never a rollback', async () => {
  await startRelease(world)
  const until = world.time + 60_000
  freezeUntil(until)
  await shift(world, 1, false)
  expect(world.weights.green).toBe(0)
  world.time = until
  await shift(world, 1, false)
  expect(world.weights.green).toBe(5)
  freezeUntil(world.time + 60_000)
  await say(world, { type: 'roll-back', reason: '', forced: false })
  await rollBack(world, 1, false)
  expect(world.weights.green).toBe(0)
  expect((await stateOf(world)).stage).toBe('rolled-back')
})

describe('a phase that has started and is held for longer than its sign-offs stand', () => {
  const stands = spec.signOffExpires

  beforeEach(() => startRelease(world))

  const stopped = async () => (await stateOf(world)).failure?.code

  test('does not rise by itself when the freeze ends: the role that decides is asked', async () => {
    const until = world.time + 2 * stands
    freezeUntil(until)
    await shift(world, 1, false)
    expect(await stopped()).toBeUndefined()
    world.time = until
    await shift(world, 1, false)
    expect(world.weights.green).toBe(0)
    expect(await stopped()).toBe('sign-offs-lapsed')
    expect(await say(world, { type: 'retry' })).toMatchObject({ refusal: { code: 'not-possible-now' } })
    const { decides } = spec
    await say(world, { type: 'override', reason: 'still wanted', roles: [decides], holders: [] }, decides)
    await shift(world, 1, false)
    expect(world.weights.green).toBe(5)
  })

  test('is told so only when nothing holds it any more', async () => {
    const until = world.time + 2 * stands
    freezeUntil(until)
    world.time += stands
    await shift(world, 1, false)
    expect(await stopped()).toBeUndefined()
    world.time = until
    await shift(world, 1, false)
    expect(await stopped()).toBe('sign-offs-lapsed')
  })

  test('does not rise after a pause either', async () => {
    await say(world, { type: 'pause', reason: '' })
    world.time += stands
    await say(world, { type: 'resume' })
    await shift(world, 1, false)
    expect(world.weights.green).toBe(0)
    expect(await stopped()).toBe('sign-offs-lapsed')
  })

  test('rises until just before, and the time without Slack does not count', async () => {
    const since = world.time
    await world.rollouts.execute(1, own(world, { type: 'tick', unreachableSince: since - 30_000 }))
    world.time += stands
    await world.rollouts.execute(1, own(world, { type: 'tick', unreachableSince: null }))
    world.time += stands - 1
    await shift(world, 1, false)
    expect(world.weights.green).toBe(5)
  })

  test('whose weight was written and not recorded is recorded', async () => {
    world.images.green = spec.image
    world.ready.green = 1
    Object.assign(world.weights, { blue: 95, green: 5 })
    world.time += stands
    await shift(world, 1, false)
    expect((await stateOf(world)).weight).toBe(5)
  })

  test('is stopped when that time passes while it waits for a limit that is broken no more', async () => {
    world.samples.set('histogram_quantile', { value: 1_500, at: world.time })
    Object.assign(world.weights, { blue: 95, green: 5 })
    await watch(world, await stateOf(world))
    Object.assign(world.weights, { blue: 100, green: 0 })
    const { time } = world
    async function wait(): Promise<void> {
      world.time = time + stands
    }
    Object.assign(world.clock, { wait })
    await shift(world, 1, false)
    expect(world.weights.green).toBe(0)
    expect(await stopped()).toBe('sign-offs-lapsed')
  })
})
