import { beforeEach, expect, test } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import type { Ask, Wish } from '../../src/slack/ask.ts'
import { answerOnRecord } from '../../src/slack/on-record.ts'
import { createFakeWorld, type FakeWorld } from '../jobs/fake-world.ts'
import { quietDesk } from './quiet-desk.ts'

let world: FakeWorld
beforeEach(() => {
  world = createFakeWorld()
})

const [commander = ''] = createFakeWorld().config.roles.commander?.users ?? []
let told: object[] = []
const carryOut = (wish: Wish) => answerOnRecord(quietDesk(world), wish, (entry) => told.push(entry))
const wishOf = (id: string, ask: Ask, user = commander): Wish => ({
  ...{
    id,
    at: world.time,
    user: { id: user, name: 'ann' },
    from: { via: 'button', channel: 'C1' },
    thread: '17.1',
    ask,
  },
})

test('a command is on record with who, where from, what was answered, and the event that it led to', async () => {
  told = []
  const wish = wishOf('w1', { kind: 'start', version: '5.1.0' })
  const { text } = await carryOut(wish)
  const entry = await world.record.find('w1')
  const [started] = await world.rollouts.history(1)
  expect(entry).toMatchObject({
    ...{ type: 'asked', outcome: 'done', answer: text, by: { id: commander, name: 'ann', via: 'slack' } },
    ...{ from: { via: 'button', channel: 'C1', thread: '17.1' }, ask: { kind: 'start', version: '5.1.0' } },
    led: { rollout: 1, version: 1, hash: started?.hash },
  })
  expect(told).toEqual([entry])
})

test('what somebody may not do is on record as refused, with its code', async () => {
  await carryOut(wishOf('w1', { kind: 'start', version: '5.1.0' }, 'U0NOBODY'))
  expect(await world.record.find('w1')).toMatchObject({ outcome: 'refused', code: 'role-not-held' })
  expect(await world.rollouts.current()).toBeNull()
})

test('a click is neither guessed nor lost while Slack does not say who holds a role', async () => {
  const wish = wishOf('w1', { kind: 'start', version: '5.1.0' })
  world.people.failing = new SlipwayError('people-unknown', { method: 'users.info' })
  await expect(carryOut(wish)).rejects.toMatchObject({ code: 'people-unknown' })
  expect(await world.record.find('w1')).toBeNull()
  world.people.failing = null
  expect(await carryOut(wish)).toMatchObject({ rollout: 1 })
})

test('what could not be looked up to the end is refused with words, on record', async () => {
  world.people.failing = new SlipwayError('people-unknown', { method: 'users.info' })
  const wish = wishOf('w1', { kind: 'start', version: '5.1.0' })
  const answer = await answerOnRecord(quietDesk(world), wish, () => undefined, true)
  expect(answer).toMatchObject({ refused: 'people-undecided', text: expect.stringContaining('Nothing was done.') })
  expect(await world.record.find('w1')).toMatchObject({ outcome: 'refused', code: 'people-undecided' })
})

test('what only a person can mend is told at once: user groups on a free plan, for one', async () => {
  world.people.failing = new SlipwayError('user-groups-missing', {})
  const { text, refused } = await carryOut(wishOf('w1', { kind: 'start', version: '5.1.0' }))
  expect(refused).toBe('user-groups-missing')
  expect(text).toContain('roles.<role>.users')
})

test('a rollback asks nobody who holds a role', async () => {
  await carryOut(wishOf('w1', { kind: 'start', version: '5.1.0' }))
  world.people.failing = new SlipwayError('people-unknown', { method: 'users.info' })
  const ask = { kind: 'rollback', reason: '', forced: true, confirmed: false } as const
  expect((await carryOut(wishOf('w2', ask, 'U0NOBODY'))).refused).toBeUndefined()
  expect((await world.rollouts.current())?.rollback).toBeDefined()
})

test('a crash between the decision and the record is caught up, and nothing is doubled', async () => {
  const wish = wishOf('w1', { kind: 'start', version: '5.1.0' })
  const append = world.record.append
  const crash = new Error('crash')
  Object.assign(world.record, { append: () => Promise.reject(crash) })
  await expect(carryOut(wish)).rejects.toBe(crash)
  expect(await world.rollouts.history(1)).toHaveLength(1)
  expect(await world.record.find('w1')).toBeNull()

  Object.assign(world.record, { append })
  // It may have moved on meanwhile.
  world.time += 5_000
  await world.rollouts.execute(1, {
    ...{ id: 'p', at: world.time, by: { id: 'U2', name: 'bo', via: 'slack' } },
    ...{ type: 'pause', reason: '' },
  })
  await carryOut(wish)
  await carryOut(wish)
  const [started, ...later] = await world.rollouts.history(1)
  expect(later.map((event) => event.type)).toEqual(['paused'])
  expect(await world.record.find('w1')).toMatchObject({
    seq: 1,
    outcome: 'done',
    led: { version: 1, hash: started?.hash },
  })
  expect(await world.record.head()).toMatchObject({ seq: 1 })
})

test('what was refused stays refused when it is asked again after a crash', async () => {
  const wish = wishOf('w1', { kind: 'pause', reason: '' })
  const { text } = await carryOut(wish)
  expect(text).toMatch(/No rollout/)
  await carryOut(wishOf('w2', { kind: 'start', version: '5.1.0' }))
  expect(await carryOut(wish)).toEqual({ text, refused: 'no-rollout' })
  expect((await world.rollouts.history(1)).map((event) => event.type)).toEqual(['rollout-started'])
})

test('what fails to the last is on record as given up, with why', async () => {
  world.shown.failing = new SlipwayError('cluster-forbidden', { what: 'get' })
  const wish = wishOf('w1', { kind: 'advance', version: '5.1.0', dryRun: true })
  await expect(answerOnRecord(quietDesk(world), wish, () => undefined)).rejects.toMatchObject({
    code: 'cluster-forbidden',
  })
  const { text, refused } = await answerOnRecord(quietDesk(world), wish, () => undefined, true)
  expect([refused, text]).toEqual(['given-up', expect.stringContaining('is given up')])
  expect(await world.record.find('w1')).toMatchObject({ outcome: 'refused', code: 'given-up' })
})

test('a rollback waits for nothing on record', async () => {
  await carryOut(wishOf('w1', { kind: 'start', version: '5.1.0' }))
  Object.assign(world.record, { find: () => Promise.reject(new Error('unreadable')) })
  await carryOut(wishOf('w2', { kind: 'rollback', reason: 'slow', forced: true, confirmed: false }))
  expect((await world.rollouts.history(1)).at(-1)?.type).toBe('rollback-ordered')
})

test('a readiness that a terminal asks for again and again is left to whoever makes the report; its refusal is on record', async () => {
  const again: Ask = { kind: 'readiness', version: '5.1.0', seen: 'abc' }
  await carryOut(wishOf('w1', { kind: 'readiness', version: '5.1.0' }))
  await carryOut(wishOf('w2', again))
  world.people.gone.add('U0GUEST')
  await carryOut(wishOf('w3', again, 'U0GUEST'))
  expect(await world.record.find('w1')).toMatchObject({ outcome: 'done' })
  expect(await world.record.find('w2')).toBeNull()
  expect(await world.record.find('w3')).toMatchObject({ outcome: 'refused', code: 'not-a-member' })
})
