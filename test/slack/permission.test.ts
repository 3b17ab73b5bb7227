import { beforeEach, describe, expect, test } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import type { Desk } from '../../src/slack/answer.ts'
import type { Ask, Wish } from '../../src/slack/ask.ts'
import { createLook } from '../../src/slack/look.ts'
import { answerOnRecord } from '../../src/slack/on-record.ts'
import { createFakeWorld, type FakeWorld } from '../jobs/fake-world.ts'
import { startRelease } from '../jobs/release.ts'
import { onReport, quietDesk } from './quiet-desk.ts'

let world: FakeWorld
beforeEach(async () => {
  checked.length = 0
  world = createFakeWorld()
  await startRelease(world)
})

const [commander = ''] = createFakeWorld().config.roles.commander?.users ?? []
const [sre = ''] = createFakeWorld().config.roles.sre?.users ?? []
const checked: string[] = []

let wishes = 0
async function asks(user: string, ask: Ask, more: Partial<Wish> = {}) {
  const id = `w${++wishes}`
  const wish: Wish = { id, at: world.time, user: { id: user, name: 'ann' }, ask, ...more }
  const startReadiness: Desk['startReadiness'] = async (_, { version }) => void checked.push(version)
  const desk = { ...quietDesk(world), startReadiness }
  return { ...(await answerOnRecord(desk, wish, () => undefined)), entry: await world.record.find(id) }
}
const permit = (permissions: object) =>
  Object.assign(world, { config: { ...world.config, permissions: { ...world.config.permissions, ...permissions } } })

const everything: readonly Ask[] = [
  { kind: 'readiness', version: '5.1.0' },
  { kind: 'status' },
  { kind: 'history' },
  { kind: 'start', version: '5.1.0' },
  { kind: 'advance' },
  { kind: 'advance', dryRun: true },
  { kind: 'approve' },
  { kind: 'reject', reason: 'no' },
  { kind: 'withdraw' },
  { kind: 'nudge' },
  { kind: 'cancel' },
  { kind: 'tick-checkpoint', checkpoint: 1 },
  { kind: 'pause', reason: '' },
  { kind: 'resume' },
  { kind: 'retry' },
  { kind: 'extend-soak' },
  { kind: 'accept-targets', reason: 'fine' },
  { kind: 'skip-soak', reason: 'late' },
  { kind: 'approve-skip' },
  { kind: 'reject-skip' },
  { kind: 'abort', reason: '' },
  { kind: 'take-over' },
  { kind: 'finish' },
  { kind: 'rollback', reason: '', forced: true, confirmed: false },
]

describe('somebody who is no full member', () => {
  test.each(everything)('may not do this: $kind', async (ask) => {
    world.people.gone.add('U0GUEST')
    const before = (await world.rollouts.history(1)).length
    const { refused, text, entry } = await asks('U0GUEST', ask)
    expect(refused).toBe('not-a-member')
    expect(text).toContain(`Ask @${commander}`)
    expect(entry).toMatchObject({ outcome: 'refused', code: 'not-a-member', by: { id: 'U0GUEST' } })
    expect(await world.rollouts.history(1)).toHaveLength(before)
    expect(checked).toEqual([])
  })

  test('is offered nothing by the form, and told who could', async () => {
    world.people.gone.add('U0GUEST')
    const form = await createLook(world, onReport, () => []).form({ id: 'U0GUEST', name: 'guest' }, world.time)
    expect(form).toMatchObject({ choices: [], status: expect.stringContaining('full members') })
  })

  test('is told before writing a reason', async () => {
    world.people.gone.add('U0GUEST')
    const ask: Ask = { kind: 'reject', reason: 'not written yet' }
    const wish: Wish = { id: 'r', at: world.time, user: { id: 'U0GUEST', name: 'guest' }, ask }
    const target = { rollout: 1, version: 1 }
    expect(await createLook(world, onReport, () => []).against({ ...wish, target })).toContain('full members')
  })
})

describe('a guest who is on call', () => {
  const rollback: Ask = { kind: 'rollback', reason: 'it burns', forced: true, confirmed: false }

  test('may roll back, and nothing else', async () => {
    world.people.gone.add('U0GUEST')
    world.people.onCall.add('U0GUEST')
    for (const ask of everything)
      if (ask.kind !== 'rollback') expect((await asks('U0GUEST', ask)).refused, ask.kind).toBe('not-a-member')
    const form = await createLook(world, onReport, () => []).form({ id: 'U0GUEST', name: 'guest' }, world.time)
    expect(form.choices.map(({ value }) => value)).toEqual(['rollback'])
    expect((await asks('U0GUEST', rollback)).refused).toBeUndefined()
    expect((await world.rollouts.current())?.rollback).toBeDefined()
  })

  test('may roll back also while PagerDuty does not say who is', async () => {
    world.people.gone.add('U0GUEST')
    Object.assign(world.people, { isOnCall: () => Promise.reject(new Error('away')) })
    expect((await asks('U0GUEST', rollback)).refused).toBeUndefined()
  })
})

describe('a full member without a role', () => {
  test('may look, check and roll back, and nothing else', async () => {
    for (const ask of everything) {
      const { refused } = await asks('U0DEVELOPER', ask)
      const may = ['readiness', 'status', 'history', 'rollback'].includes(ask.kind) || ('dryRun' in ask && ask.dryRun)
      if (may) expect(refused, ask.kind).toBeUndefined()
      else expect(refused, ask.kind).toBeDefined()
    }
  })

  test('may do what the configuration opens to members', async () => {
    permit({ pause: 'members' })
    expect((await asks('U0DEVELOPER', { kind: 'pause', reason: '' })).refused).toBeUndefined()
    expect((await asks('U0DEVELOPER', { kind: 'resume' })).refused).toBe('role-not-held')
  })
})

test('a command for some roles is refused to the others, with who could, and is not offered to them', async () => {
  permit({ pause: ['commander'] })
  const { refused, text, entry } = await asks(sre, { kind: 'pause', reason: '' })
  expect(refused).toBe('role-not-held')
  expect(text).toMatch(/This needs commander.*Ask @U000COMMANDER\.$/)
  expect(entry).toMatchObject({ outcome: 'refused', code: 'role-not-held', ask: { kind: 'pause' } })
  const look = createLook(world, onReport, () => [])
  const offered = async (id: string) => (await look.form({ id, name: '' }, world.time)).choices.map((c) => c.value)
  expect(await offered(sre)).not.toContain('pause')
  expect(await offered(commander)).toContain('pause')
  expect((await asks(commander, { kind: 'pause', reason: '' })).refused).toBeUndefined()
})

describe('while Slack does not say who is a member', () => {
  const rollback: Ask = { kind: 'rollback', reason: 'slow', forced: true, confirmed: false }

  test('a rollback goes ahead when it is refused to say', async () => {
    world.people.failing = new SlipwayError('people-unknown', { method: 'users.info' })
    expect((await asks('U0ANYBODY', rollback)).refused).toBeUndefined()
    expect((await world.rollouts.current())?.rollback).toBeDefined()
  })

  test('a rollback goes ahead when no answer comes', async () => {
    world.people.gone.add('U0GUEST')
    Object.assign(world.people, { isMember: () => new Promise(() => undefined) })
    Object.assign(world, { clock: { ...world.clock, wait: async () => undefined } })
    expect((await asks('U0GUEST', rollback)).refused).toBeUndefined()
    expect((await world.rollouts.current())?.rollback).toBeDefined()
  })

  test.each(everything.filter(({ kind }) => kind !== 'rollback'))('everything else waits: $kind', async (ask) => {
    world.people.failing = new SlipwayError('people-unknown', { method: 'users.info' })
    await expect(asks(commander, ask)).rejects.toMatchObject({ code: 'people-unknown' })
  })
})

test('a terminal is asked for no role: what it may do is decided by its being one', async () => {
  world.people.failing = new SlipwayError('people-unknown', { method: 'users.info' })
  const from = { via: 'terminal' } as const
  expect((await asks('cli:ann@host', { kind: 'status' }, { from })).refused).toBeUndefined()
})
