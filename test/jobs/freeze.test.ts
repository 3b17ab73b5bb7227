import { beforeEach, expect, test } from 'vitest'
import { own } from '../../src/jobs/outcome.ts'
import { rollBack } from '../../src/jobs/roll-back.ts'
import { shift } from '../../src/jobs/shift.ts'
import type { FreezeWindow } from '../../src/rollout/freeze.ts'
import { answerWish } from '../../src/slack/answer-wish.ts'
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
