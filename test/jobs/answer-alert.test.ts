import { beforeEach, describe, expect, test } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import { answerAlert, type FiringAlert } from '../../src/jobs/answer-alert.ts'
import { createEmergency, type Emergency } from '../../src/jobs/emergency.ts'
import { pageOf } from '../../src/jobs/page-texts.ts'
import { prepare } from '../../src/jobs/prepare.ts'
import { rollBack } from '../../src/jobs/roll-back.ts'
import { shift } from '../../src/jobs/shift.ts'
import type { ActingWorld } from '../../src/jobs/world.ts'
import { createRollouts } from '../../src/ledger/rollouts.ts'
import { threadText } from '../../src/slack/texts.ts'
import { service } from '../rollout/drive.ts'
import { createFakeWorld, type FakeWorld } from './fake-world.ts'
import { begin, eventsOf, look, prepareRelease, sign, startRelease, stateOf } from './release.ts'

let world: FakeWorld
let emergency: Emergency
beforeEach(async () => {
  world = createFakeWorld()
  emergency = createEmergency(world)
  await startRelease(world)
})

const alertAt = (startsAt: number): FiringAlert => ({
  title: 'Checkout fails',
  summary: 'one in ten',
  startsAt,
  fingerprint: 'f00',
})
const fire = (startsAt = world.time) => answerAlert(world, emergency, alertAt(startsAt))

async function breachOf() {
  const [breach] = (await world.rollouts.history(1)).flatMap((e) => (e.type === 'breach-confirmed' ? [e] : []))
  if (breach === undefined) throw new Error('no breach')
  return breach
}

test('an alert that fires while the canary has traffic is a breach at once, however often it comes', async () => {
  await shift(world, 1, false)
  world.time += 5_000
  await fire()
  await fire(world.time - 1)
  expect((await eventsOf(world)).slice(-2)).toEqual(['breach-confirmed', 'rollback-ordered'])
  await rollBack(world, 1, false)
  await fire()
  expect((await eventsOf(world)).filter((e) => e === 'breach-confirmed')).toHaveLength(1)
  expect(world.weights).toEqual({ blue: 100, green: 0 })
  const [breach, state] = [await breachOf(), await stateOf(world)]
  expect(state.rollback).toMatchObject({ cause: 'breach', reason: 'alert Checkout fails is firing' })
  expect(threadText(breach, state)?.text).toMatch(
    /^\*Alert firing: Checkout fails\*, since <!date[^>]+>: one in ten\. That is why traffic was taken back\.$/,
  )
  expect(pageOf(breach, state, 'k')).toMatchObject({
    severity: 'critical',
    summary: expect.stringContaining('alert Checkout fails fires in phase 1; rolling back.'),
    details: { alert: 'Checkout fails', fingerprint: 'f00' },
  })
})

test('one that began before the canary had traffic rolls back all the same, and says that it is probably not the release', async () => {
  const before = world.time - 60_000
  await shift(world, 1, false)
  await fire(before)
  expect(threadText(await breachOf(), await stateOf(world))?.text).toContain('probably not the release')
})

test('with no rollout, or one that has had no traffic yet, it is no breach', async () => {
  const unsigned = createFakeWorld()
  await prepareRelease(unsigned)
  for (const [place, version] of [
    [createFakeWorld(), 0],
    [unsigned, 1],
  ] as const) {
    await answerAlert(place, createEmergency(place), alertAt(1))
    expect(place.writes.filter((w) => w !== 'claim')).toEqual([])
    if (version > 0) expect((await stateOf(place)).stage).toBe('awaiting-sign-off')
  }
})

describe('before the canary has had traffic, while somebody else’s change is not decided', () => {
  let waiting: FakeWorld
  const toWaiting = () => answerAlert(waiting, createEmergency(waiting), alertAt(waiting.time))
  beforeEach(async () => {
    waiting = createFakeWorld()
    await prepareRelease(waiting)
  })

  test('it is no breach, where that change gives the canary none', async () => {
    waiting.shown.sizes.blue = 9
    await look(waiting)
    expect((await eventsOf(waiting)).at(-1)).toBe('drift-found')
    await toWaiting()
    expect((await eventsOf(waiting)).at(-1)).toBe('drift-found')
    expect(await stateOf(waiting)).toMatchObject({ stage: 'awaiting-sign-off', pages: [] })
  })

  test('it is one where that change gives the canary traffic', async () => {
    Object.assign(waiting.weights, { blue: 80, green: 20 })
    await look(waiting)
    await toWaiting()
    expect((await eventsOf(waiting)).slice(-3)).toEqual(['drift-found', 'breach-confirmed', 'rollback-ordered'])
  })

  test('it is one where the cluster can’t be asked', async () => {
    waiting.shown.sizes.blue = 9
    await look(waiting)
    waiting.shown.failing = new SlipwayError('cluster-unreachable', { what: 'get' })
    await toWaiting()
    expect((await eventsOf(waiting)).slice(-3)).toEqual(['drift-found', 'breach-confirmed', 'rollback-ordered'])
  })
})

test('a shift that is ordered may have been written already: it is answered', async () => {
  await fire()
  expect((await eventsOf(world)).slice(-2)).toEqual(['breach-confirmed', 'rollback-ordered'])
})

test('without Redis the process takes the traffic back itself, pages, and records it once Redis is back', async () => {
  await shift(world, 1, false)
  await look(world)
  world.memory.away = true
  await fire()
  await fire()
  expect(world.writes.filter((w) => w.startsWith('break-glass'))).toEqual([
    'break-glass slipway (alert Checkout fails is firing)',
  ])
  expect(world.pages).toHaveLength(1)
  world.memory.away = false
  await emergency.record()
  expect((await breachOf()).evidence.alert).toMatchObject({ summary: 'one in ten' })
  expect((await stateOf(world)).stage).toBe('rolled-back')
})

describe('without Redis, to a process that has seen only how the rollout was prepared', () => {
  let late: FakeWorld
  let app: ActingWorld
  const toApp = () => answerAlert(app, createEmergency(app), alertAt(late.time))
  beforeEach(async () => {
    late = createFakeWorld()
    app = { ...late, rollouts: createRollouts(service, late.memory, async () => undefined) }
    await begin(late)
    await app.rollouts.load(1)
    await prepare(late, 1, false)
    await sign(late)
  })

  test('an alert is answered by the mark', async () => {
    await shift(late, 1, false)
    late.memory.away = true
    await toApp()
    expect(late.weights).toEqual({ blue: 100, green: 0 })
    expect(late.writes.at(-1)).toBe('break-glass slipway (alert Checkout fails is firing)')
  })

  test('it comes again while the mark can’t be read, and means nothing where there is no traffic', async () => {
    late.memory.away = true
    await toApp()
    expect(late.writes.filter((w) => w.startsWith('break-glass'))).toEqual([])
    late.shown.failing = new SlipwayError('cluster-unreachable', { what: 'get' })
    await expect(toApp()).rejects.toMatchObject({ code: 'cluster-unreachable' })
  })
})

test('without Redis and with no traffic on the canary nothing is written', async () => {
  world.memory.away = true
  await fire()
  expect(world.writes.filter((w) => w.startsWith('break-glass'))).toEqual([])
})

test('what could be answered in neither way is thrown, so that it is sent again', async () => {
  await shift(world, 1, false)
  await look(world)
  world.memory.away = true
  world.shown.failing = new SlipwayError('cluster-forbidden', { what: 'patch' })
  await expect(fire()).rejects.toMatchObject({ code: 'cluster-forbidden' })
  expect(world.pages[0]?.summary).toContain('ROLLBACK NOT DONE')
})
