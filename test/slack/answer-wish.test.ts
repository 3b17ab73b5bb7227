import { beforeEach, expect, test } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import { answerWish } from '../../src/slack/answer-wish.ts'
import type { Wish } from '../../src/slack/ask.ts'
import { createFakeWorld, type FakeWorld } from '../jobs/fake-world.ts'
import { startRelease } from '../jobs/release.ts'
import { quietDesk } from './quiet-desk.ts'

let world: FakeWorld
beforeEach(() => {
  world = createFakeWorld()
})

const [commander = ''] = createFakeWorld().config.roles.commander?.users ?? []

/** Somebody asks for a start. */
function start(id: string) {
  const wish: Wish = {
    ...{ id, at: world.time, user: { id: commander, name: 'ann' }, from: { via: 'command', channel: 'C1' } },
    ask: { kind: 'start', version: '5.1.0' },
  }
  return answerWish(quietDesk(world), wish)
}

test('an emptied Redis does not give the number on the cluster out again', async () => {
  await startRelease(world)
  world.memory.cut(1, 0)
  expect(await start('w1')).toMatchObject({ rollout: 2 })
})

test('while the mark can’t be read nothing starts, and the answer says so', async () => {
  world.shown.failing = new SlipwayError('cluster-unreachable', { what: 'the route' })
  const { text, refused } = await start('w1')
  expect(text).toMatch(/did not answer.*Nothing was started\./)
  expect(refused).toBe('cluster-unreachable')
  expect(await world.rollouts.current()).toBeNull()
  world.shown.failing = null
  expect(await start('w2')).toMatchObject({ rollout: 1 })
})

test('a start whose answer was lost in a crash is answered as done, also while the mark can’t be read', async () => {
  await start('w1')
  world.shown.failing = new SlipwayError('cluster-unreachable', { what: 'the route' })
  expect(await start('w1')).toMatchObject({ rollout: 1, text: expect.stringContaining('Started') })
})

test('words that waited mean the rollout that there was, not one that was started since', async () => {
  const said = world.time
  world.time += 1_000
  await startRelease(world)
  const ask = { kind: 'rollback', reason: '', forced: true, confirmed: false } as const
  const order = (id: string, at: number) =>
    answerWish(quietDesk(world), { id, at, user: { id: commander, name: 'ann' }, ask })
  expect((await order('w1', said)).refused).toBe('said-before')
  expect((await world.rollouts.current())?.rollback).toBeUndefined()
  expect((await order('w2', world.time)).text).toMatch(/^Rolling back/)
})
