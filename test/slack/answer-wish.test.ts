import { beforeEach, expect, test } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import { rollBack } from '../../src/jobs/roll-back.ts'
import { shift } from '../../src/jobs/shift.ts'
import { answerWish } from '../../src/slack/answer-wish.ts'
import type { Wish } from '../../src/slack/ask.ts'
import { readQuestion } from '../../src/slack/reference.ts'
import { formerRootsNote, rootNote } from '../../src/slack/threads-of.ts'
import { createFakeWorld, type FakeWorld } from '../jobs/fake-world.ts'
import { prepareRelease, say, startRelease } from '../jobs/release.ts'
import { quietDesk } from './quiet-desk.ts'

let world: FakeWorld
beforeEach(() => {
  world = createFakeWorld()
})

const [commander = ''] = createFakeWorld().config.roles.commander?.users ?? []

/** Somebody asks for a start. */
function start(id: string, at = world.time) {
  const wish: Wish = {
    ...{ id, at, user: { id: commander, name: 'ann' }, from: { via: 'command', channel: 'C1' } },
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

/** Takes the rollout back, to its end. */
async function takeBack(): Promise<void> {
  await say(world, { type: 'roll-back', forced: true, reason: '' })
  world.time += 100
  await rollBack(world, 1, false)
  expect((await world.rollouts.load(1))?.stage).toBe('rolled-back')
}

test('a start whose answer was lost in a crash starts no second rollout, though the first is over by now', async () => {
  await start('w1')
  await takeBack()
  expect(await start('w1')).toMatchObject({ rollout: 1, text: expect.stringContaining('Started') })
  expect((await world.rollouts.current())?.rollout).toBe(1)
})

test('a start that was said while a rollout was under way starts none once that is over', async () => {
  await start('w1')
  world.time += 100
  const said = world.time
  await takeBack()
  expect(await start('w2', said)).toMatchObject({ refused: 'said-before', text: expect.stringContaining('ended') })
  expect((await world.rollouts.current())?.rollout).toBe(1)
  expect(await start('w3', world.time)).toMatchObject({ rollout: 2 })
})

test('what is over and not cleaned up yet says so to whoever would start the next one, and what ends that', async () => {
  await startRelease(world)
  await shift(world, 1, false)
  await takeBack()
  const asks: readonly Wish['ask'][] = [
    { kind: 'advance', version: '5.2.0' },
    { kind: 'start', version: '5.2.0' },
  ]
  for (const ask of asks) {
    const wish = { id: world.newId(), at: world.time, user: { id: commander, name: 'ann' }, ask }
    const { text, refused } = await answerWish(quietDesk(world), wish)
    expect(refused).toBe('clean-up-pending')
    expect(text).toMatch(/5\.1\.0 is rolled-back, but its unused pods are not cleaned up.*\/deploy finish/)
  }
})

test('the report that a rollout was started on is kept for it, also where the first answer was lost', async () => {
  const kept: string[] = []
  const desk = quietDesk(world)
  const reports = {
    ...desk.reports,
    keep: async (rollout: number, { id }: { id: string }) => void kept.push(`${rollout} ${id}`),
  }
  const wish = (id: string): Wish => ({
    ...{ id, at: world.time, user: { id: commander, name: 'ann' } },
    ask: { kind: 'start', version: '5.1.0' },
  })
  await answerWish({ ...desk, reports }, wish('w1'))
  await answerWish({ ...desk, reports }, wish('w1'))
  expect(kept).toEqual(['1 report-5.1.0', '1 report-5.1.0'])
})

test('a start means the image that was checked: another one, by its digest, needs a report of its own', async () => {
  const digest = `sha256:${'a'.repeat(64)}`
  const ask = (id: string, asked: object) =>
    answerWish(quietDesk(world), {
      ...{ id, at: world.time, user: { id: commander, name: 'ann' } },
      ask: { kind: 'advance', ...asked },
    })
  const other = await ask('w1', { version: '5.1.0', digest })
  expect(other).toMatchObject({ refused: 'report-other-image', text: expect.stringContaining(`5.1.0@${digest}`) })
  expect(await ask('w2', {})).toMatchObject({ rollout: 1 })
})

test('words that asked for the next phase start nothing once the rollout is over', async () => {
  await start('w1')
  world.time += 100
  const at = world.time
  const advance = (id: string) =>
    answerWish(quietDesk(world), {
      ...{ id, at, user: { id: commander, name: 'ann' } },
      ask: { kind: 'advance' },
    })
  await advance('w2')
  await takeBack()
  // Taken before, or not: its answer was lost, or it waited.
  expect((await advance('w2')).refused).toBeDefined()
  expect(await advance('w3')).toMatchObject({ refused: 'said-before' })
  expect((await world.rollouts.current())?.rollout).toBe(1)
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

test('a yes to a question that was posted without Redis means no rollout that was started since', async () => {
  const shownAt = world.time
  world.time += 120_000
  await startRelease(world)
  const ask = { kind: 'rollback', reason: '', forced: false, confirmed: true } as const
  const press = (id: string, shown: number) =>
    answerWish(quietDesk(world), { id, at: world.time, shownAt: shown, user: { id: commander, name: 'ann' }, ask })
  expect((await press('w1', shownAt)).refused).toBe('said-before')
  expect((await press('w2', world.time)).text).toMatch(/^Rolling back/)
})

test('the reason of a rollback that nobody confirmed is that of no other one', async () => {
  await startRelease(world)
  const wish = (id: string, ask: Partial<Extract<Wish['ask'], { kind: 'rollback' }>>, more: Partial<Wish> = {}) =>
    answerWish(quietDesk(world), {
      ...{ id, at: world.time, user: { id: commander, name: 'ann' }, ...more },
      ask: { kind: 'rollback', reason: '', forced: false, confirmed: false, ...ask },
    })
  const [button] = (await wish('w1', { reason: 'just trying what this asks' })).buttons ?? []
  expect(readQuestion(button?.value ?? '')).toBe('w1')
  world.time += 3 * 3_600_000
  await wish('w2', { forced: true })
  expect((await world.rollouts.current())?.rollback).toMatchObject({ forced: true, reason: '' })
})

test('a rollback from a form has the reason that stands in the form, or none', async () => {
  await startRelease(world)
  const head = { at: world.time, user: { id: commander, name: 'ann' } }
  const ask = { kind: 'rollback', reason: '', forced: false } as const
  await answerWish(quietDesk(world), { id: 'w1', ...head, ask: { ...ask, reason: 'just trying', confirmed: false } })
  await answerWish(quietDesk(world), {
    ...{ id: 'w2', ...head, from: { via: 'form' }, target: { rollout: 1, version: 1 } },
    ask: { ...ask, confirmed: true },
  })
  expect((await world.rollouts.current())?.rollback).toMatchObject({ forced: false, reason: '' })
})

test('the yes to a question records the reason that was given with it, however many were asked since', async () => {
  await startRelease(world)
  const head = { at: world.time, user: { id: commander, name: 'ann' } }
  const ask = { kind: 'rollback', reason: '', forced: false, confirmed: false } as const
  await answerWish(quietDesk(world), { id: 'w1', ...head, ask: { ...ask, reason: 'it looks wrong' } })
  await answerWish(quietDesk(world), { id: 'w2', ...head, ask })
  await answerWish(quietDesk(world), { id: 'w3', ...head, question: 'w1', ask: { ...ask, confirmed: true } })
  expect((await world.rollouts.current())?.rollback).toMatchObject({ reason: 'it looks wrong' })
})

test('words said below a card that somebody has deleted since are about its rollout', async () => {
  await prepareRelease(world)
  await world.cursors.keep(1, rootNote, '20.1')
  await world.cursors.keep(1, formerRootsNote, '10.1 15.1')
  const said = (thread: string) => {
    const wish: Wish = {
      ...{ id: `w-${thread}`, at: world.time, user: { id: commander, name: 'ann' }, thread },
      ask: { kind: 'nudge' },
    }
    return answerWish(quietDesk(world), wish)
  }
  expect((await said('17.1')).refused).toBe('other-thread')
  for (const thread of ['10.1', '15.1', '20.1']) expect((await said(thread)).refused).not.toBe('other-thread')
})
