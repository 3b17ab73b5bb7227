import { beforeEach, describe, expect, test } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import { createEmergency, type Emergency } from '../../src/jobs/emergency.ts'
import { own } from '../../src/jobs/outcome.ts'
import { createPager } from '../../src/jobs/page.ts'
import { project } from '../../src/jobs/project.ts'
import { watchRecovery } from '../../src/jobs/recovery.ts'
import { rollBack } from '../../src/jobs/roll-back.ts'
import { shift } from '../../src/jobs/shift.ts'
import { watch } from '../../src/jobs/watch.ts'
import type { World } from '../../src/jobs/world.ts'
import { evolve } from '../../src/rollout/evolve.ts'
import type { State } from '../../src/rollout/state.ts'
import { threadText } from '../../src/slack/texts.ts'
import { holderOf, service, spec } from '../rollout/drive.ts'
import { createFakeWorld, type FakeWorld } from './fake-world.ts'
import { eventsOf, look, prepareRelease, say, sign, startRelease, stateOf } from './release.ts'

let world: FakeWorld
let emergency: Emergency
beforeEach(async () => {
  world = createFakeWorld()
  emergency = createEmergency(world)
  await startRelease(world)
})

const breachKey = `${service}/1/breach/1`
const person = { ...holderOf('sre') }

/** Redis goes away; looks without it, an interval apart. */
async function watchAlone(times: number, by = emergency): Promise<void> {
  world.memory.away = true
  const since = world.time
  for (let i = 0; i < times; i++) {
    world.time += spec.interval
    await by.watch(since).catch(() => undefined)
  }
}

async function redisBack(by = emergency): Promise<void> {
  world.memory.away = false
  await by.record()
  await by.settle()
}

function breakLimit(): void {
  world.samples.set('histogram_quantile', { value: 1_500, at: world.time })
}

const glass = () => world.writes.filter((w) => w.startsWith('break-glass'))
const keys = () => world.pages.map((p) => p.key)

describe('a breach without Redis', () => {
  beforeEach(() => shift(world, 1, false))

  test('is answered, paged once under the key that the ledger will know, and told afterwards', async () => {
    breakLimit()
    await watchAlone(6)
    expect(glass()).toEqual(['break-glass slipway (p95 over its limit)'])
    expect(world.whenEmpty).toEqual(['hold'])
    expect(keys()).toEqual([breachKey])
    await redisBack()
    const state = await stateOf(world)
    expect(state).toMatchObject({ stage: 'rolled-back', recovery: 'watched' })
    expect(state.pages).toMatchObject([{ key: breachKey, link: `https://pagerduty.example.com/${breachKey}` }])
    await project(world, createPager(world), 1)
    expect(keys()).toEqual([breachKey])
  })

  test('that began before Redis went is confirmed with the readings of then', async () => {
    breakLimit()
    for (let i = 0; i < 2; i++) {
      world.time += spec.interval
      emergency.remember(1, await watch(world, await stateOf(world)))
    }
    await watchAlone(1)
    expect(glass()).toHaveLength(1)
  })

  test('that can’t be answered is paged once all the same, and is a breach of the ledger when that is back', async () => {
    breakLimit()
    world.shown.failing = new SlipwayError('cluster-forbidden', { what: 'patch' })
    await watchAlone(6)
    expect(glass()).toEqual([])
    expect(keys()).toEqual([breachKey])
    expect(world.pages[0]?.summary).toContain('ROLLBACK NOT DONE')
    world.shown.failing = null
    await redisBack()
    expect((await eventsOf(world)).slice(-3)).toEqual(['breach-confirmed', 'rollback-ordered', 'page-sent'])
    await rollBack(world, 1, false)
    expect((await stateOf(world)).stage).toBe('rolled-back')
  })

  test('that could be answered only later is recorded as one', async () => {
    breakLimit()
    world.shown.failing = new SlipwayError('cluster-unreachable', { what: 'patch' })
    await watchAlone(4)
    world.shown.failing = null
    await watchAlone(2)
    expect(glass()).toHaveLength(1)
    await redisBack()
    expect((await eventsOf(world)).slice(-4)).toEqual([
      'breach-confirmed',
      'rollback-ordered',
      'page-sent',
      'weights-restored',
    ])
  })

  test('is paged by the ledger when PagerDuty was away, too', async () => {
    breakLimit()
    world.pagerAway = true
    await watchAlone(4)
    expect(keys()).toEqual([])
    world.pagerAway = false
    await redisBack()
    await project(world, createPager(world), 1)
    expect(keys()).toEqual([breachKey])
  })

  test('is paged while Redis stays away, as soon as PagerDuty answers; the record has its link', async () => {
    breakLimit()
    world.pagerAway = true
    await watchAlone(4)
    expect(keys()).toEqual([])
    world.pagerAway = false
    await watchAlone(2)
    expect(keys()).toEqual([breachKey])
    expect(world.errors).toEqual([])
    await redisBack()
    expect((await stateOf(world)).pages).toMatchObject([{ key: breachKey, link: expect.stringContaining(breachKey) }])
    await project(world, createPager(world), 1)
    expect(keys()).toEqual([breachKey])
  })

  test('that PagerDuty does not take for a minute is told once as somebody’s to make by telephone', async () => {
    breakLimit()
    world.pagerAway = true
    await watchAlone(30)
    expect(world.errors).toHaveLength(1)
    expect(world.errors[0]).toMatch(/PagerDuty does not answer.*Call the person on duty/)
  })

  test('that was not paged is left to the ledger’s own pager when Redis is back, and paged while it is away again', async () => {
    breakLimit()
    world.pagerAway = true
    await watchAlone(4)
    await redisBack()
    world.pagerAway = false
    await emergency.sendAgain()
    expect(keys()).toEqual([])
    await watchAlone(2)
    expect(keys()).toEqual([breachKey])
  })

  test('of which another process tells the closed mark first: its cause and its page are on record, once', async () => {
    const other = createEmergency(world)
    breakLimit()
    await watchAlone(4)
    // The other one looked before the traffic was back.
    Object.assign(world.weights, { blue: 95, green: 5 })
    await watchAlone(4, other)
    expect(glass()).toHaveLength(2)
    world.memory.away = false
    await look(world)
    expect((await stateOf(world)).rollback).toMatchObject({ cause: 'breach' })
    await redisBack()
    await redisBack(other)
    const events = await eventsOf(world)
    expect(events.filter((e) => e === 'breach-confirmed')).toHaveLength(1)
    const state = await stateOf(world)
    expect(state).toMatchObject({ stage: 'rolled-back', recovery: 'watched' })
    expect(state.pages).toMatchObject([{ key: breachKey, link: `https://pagerduty.example.com/${breachKey}` }])
  })
})

test('a breach that was answered longer than maxHold before Redis is back is seen to be over, and its incident resolved', async () => {
  await shift(world, 1, false)
  breakLimit()
  await watchAlone(6)
  expect(keys()).toEqual([breachKey])
  world.samples.clear()
  world.time += spec.maxHold
  await redisBack()
  for (const until = world.time + spec.resolveAfter; world.time <= until; ) {
    world.time += spec.interval
    await world.rollouts.execute(1, own(world, { type: 'tick', unreachableSince: null }))
    await watchRecovery(world, await stateOf(world))
  }
  expect((await stateOf(world)).recovery).toBe('seen')
  await project(world, createPager(world), 1)
  expect(world.resolved).toContain(breachKey)
})

describe('a breach that was answered without Redis by a process that is gone', () => {
  async function recovers(): Promise<void> {
    world.time += spec.resolveAfter
    await world.rollouts.execute(1, own(world, { type: 'record-stable-recovered', since: world.time }))
    await project(world, createPager(world), 1)
  }

  beforeEach(async () => {
    await shift(world, 1, false)
    breakLimit()
    await watchAlone(6)
    expect(keys()).toEqual([breachKey])
    world.memory.away = false
    await look(world)
  })

  test('is on record as one, with its reason, by the mark; its incident is adopted', async () => {
    expect((await eventsOf(world)).slice(-2)).toEqual(['rollback-ordered', 'weights-restored'])
    const reason = 'p95 over its limit'
    expect(await stateOf(world)).toMatchObject({
      stage: 'rolled-back',
      recovery: 'watched',
      rollback: { cause: 'breach', reason, by: { id: 'slipway', via: 'slipway' } },
    })
    const order = (await world.rollouts.history(1)).findLast((e) => e.type === 'rollback-ordered')
    const told = order && threadText(order, await stateOf(world))
    expect(told).toMatchObject({ broadcast: true, text: expect.stringContaining(`while Redis was away*: ${reason}.`) })
    await project(world, createPager(world), 1)
    // The same key again is the same incident; and the one there is, where the other had not come to page.
    expect(keys()).toEqual([breachKey, breachKey])
    expect(world.pages[1]?.summary).toContain('p95 over its limit; all traffic was taken back while Redis was away.')
    const link = `https://pagerduty.example.com/${breachKey}`
    expect((await stateOf(world)).pages).toEqual([
      { key: breachKey, cause: 'breach', link, sentAt: expect.any(Number), resolved: false },
    ])
    await recovers()
    expect(world.resolved).toEqual([breachKey])
  })

  test('has its evidence as soon as that process comes back after all, and no other incident', async () => {
    await project(world, createPager(world), 1)
    await redisBack()
    expect((await eventsOf(world)).slice(-2)).toEqual(['page-sent', 'breach-confirmed'])
    await project(world, createPager(world), 1)
    const state = await stateOf(world)
    expect(state.breaches).toMatchObject([{ number: 1, evidence: { metric: 'p95' } }])
    expect(state.pages).toMatchObject([{ key: breachKey, resolved: false }])
    expect(keys()).toEqual([breachKey, breachKey])
  })

  test('is not watched again, nor its incident left open, where that process comes back only after its end', async () => {
    await project(world, createPager(world), 1)
    await recovers()
    world.resolved.length = 0
    await redisBack()
    const state = await stateOf(world)
    expect(state.breaches).toHaveLength(1)
    expect(state.recovery).toBe('seen')
    // Its page may have come after the end.
    expect(world.resolved).toContain(breachKey)
  })
})

describe('a rollback that the ledger had ordered before it went', () => {
  beforeEach(async () => {
    await shift(world, 1, false)
  })

  test('is carried out without it, and its breach paged', async () => {
    breakLimit()
    await look(world, 3)
    expect((await stateOf(world)).stage).toBe('rolling-back')
    await watchAlone(3)
    expect(glass()).toHaveLength(1)
    expect(world.whenEmpty).toEqual(['hold'])
    expect(keys()).toEqual([breachKey])
    await redisBack()
    expect((await eventsOf(world)).at(-1)).toBe('weights-restored')
  })

  test('and carried out: its breach is paged, too, where the ledger had not come to it', async () => {
    breakLimit()
    await look(world, 3)
    await rollBack(world, 1, false)
    expect(await stateOf(world)).toMatchObject({ stage: 'rolled-back', pages: [{ key: breachKey, link: null }] })
    await watchAlone(3)
    expect(keys()).toEqual([breachKey])
    expect(glass()).toEqual([])
    await redisBack()
    await project(world, createPager(world), 1)
    expect(keys()).toEqual([breachKey])
  })

  test('and could be carried out only at the second try: its breach is paged once, with Redis not again, and its failure with it', async () => {
    breakLimit()
    await look(world, 3)
    const allow = refuseBreakGlass()
    await watchAlone(1)
    allow()
    await watchAlone(1)
    expect(world.pages.map((page) => page.summary)).toEqual([expect.stringContaining('ROLLBACK NOT DONE')])
    await redisBack()
    const recorded = ['page-sent', 'rollback-attempt-failed', 'weights-restored']
    expect((await eventsOf(world)).slice(-3)).toEqual(recorded)
    const failed = (await world.rollouts.history(1)).at(-2)
    const told = failed && threadText(failed, await stateOf(world))
    expect(told?.text).toMatch(
      /^\*Taking the traffic back while Redis was away failed at first; since then it is back on stable\.\* .* Paged with the <.*breach\/1\|incident of the breach>\.$/,
    )
    expect(told?.broadcast).toBe(false)
    await project(world, createPager(world), 1)
    expect(keys()).toEqual([breachKey])
    expect(await stateOf(world)).toMatchObject({ recovery: 'watched', pages: [{ key: breachKey, resolved: false }] })
  })

  test('and could not be carried out before Redis was back: its failure has an incident of its own', async () => {
    breakLimit()
    await look(world, 3)
    refuseBreakGlass()
    await watchAlone(2)
    await redisBack()
    await project(world, createPager(world), 1)
    expect(keys()).toEqual([breachKey, `${service}/1/rollback-failed/1`])
  })

  test.each([
    [true, 'go-ahead'],
    [false, 'hold'],
  ])('by a person (forced: %s) would %s when stable is empty', async (forced, whenEmpty) => {
    await say(world, { type: 'roll-back', reason: '', forced })
    await watchAlone(1)
    expect(world.whenEmpty).toEqual([whenEmpty])
  })
})

test('a breach after a person has taken the traffic back is answered, paged and told as well', async () => {
  await shift(world, 1, false)
  world.memory.away = true
  await emergency.takeBack({ by: person, reason: 'looks wrong', forced: true })
  // Somebody raises the weight by hand.
  world.weights.green = 5
  breakLimit()
  await watchAlone(6)
  expect(glass()).toEqual(['break-glass U000SRE (looks wrong)', 'break-glass slipway (p95 over its limit)'])
  expect(keys()).toEqual([breachKey])
  await redisBack()
  expect((await eventsOf(world)).slice(-4)).toEqual([
    'rollback-ordered',
    'weights-restored',
    'breach-confirmed',
    'page-sent',
  ])
  expect(await stateOf(world)).toMatchObject({
    stage: 'rolled-back',
    recovery: 'watched',
    rollback: { cause: 'person' },
  })
  await project(world, createPager(world), 1)
  expect(keys()).toEqual([breachKey])
})

/** Whoever writes the cluster is refused. */
function refuseBreakGlass(): () => void {
  const { breakGlass } = world
  const refused = async () => {
    throw new SlipwayError('cluster-forbidden', { what: 'patch' })
  }
  Object.assign(world, { breakGlass: refused })
  return () => Object.assign(world, { breakGlass })
}

test('a process that stood still takes no newer rollout’s traffic back, and calls for nobody', async () => {
  await shift(world, 1, false)
  await say(world, { type: 'roll-back', reason: 'looks wrong', forced: false })
  const asked: (number | undefined)[] = []
  const newer = async (_by: string, _whenEmpty: string, only?: number) => {
    asked.push(only)
    throw new SlipwayError('newer-fence', { what: 'the route', ours: '1', found: '2' })
  }
  Object.assign(world, { breakGlass: newer })
  await watchAlone(3)
  expect(new Set(asked)).toEqual(new Set([1]))
  expect(keys()).toEqual([])
})

test('an order on record that can’t be carried out without Redis is paged, and on record as failing', async () => {
  await shift(world, 1, false)
  await say(world, { type: 'roll-back', reason: 'looks wrong', forced: false })
  const allow = refuseBreakGlass()
  await watchAlone(3)
  const key = `${service}/1/rollback-failed/1`
  expect(keys()).toEqual([key])
  expect(world.pages[0]?.summary).toContain('ROLLBACK NOT DONE. The canary still gets 5 %.')
  allow()
  await watchAlone(1)
  expect(glass()).toEqual(['break-glass U000SRE (looks wrong)'])
  await redisBack()
  expect((await eventsOf(world)).slice(-3)).toEqual(['rollback-attempt-failed', 'page-sent', 'weights-restored'])
  const link = expect.stringContaining(key)
  expect(await stateOf(world)).toMatchObject({ stage: 'rolled-back', recovery: 'watched', pages: [{ key, link }] })
  await project(world, createPager(world), 1)
  expect(keys()).toEqual([key])
})

test('an abort that can’t be carried out without Redis calls nobody: its canary has had no traffic', async () => {
  await say(world, { type: 'abort', reason: 'not tonight' })
  const allow = refuseBreakGlass()
  await watchAlone(3)
  allow()
  await redisBack()
  expect((await eventsOf(world)).at(-1)).toBe('rollback-attempt-failed')
  await project(world, createPager(world), 1)
  expect(keys()).toEqual([])
})

test('a breach that nothing could answer, after one that was answered, has a page of its own', async () => {
  await shift(world, 1, false)
  breakLimit()
  await watchAlone(6)
  expect(glass()).toHaveLength(1)
  // Somebody raises the weight by hand.
  world.weights.green = 5
  refuseBreakGlass()
  await watchAlone(6)
  expect(keys()).toEqual([breachKey, `${service}/1/breach/2`])
  await redisBack()
  expect(await stateOf(world)).toMatchObject({ pages: [{ key: breachKey }, { key: `${service}/1/breach/2` }] })
  const breaches = (await world.rollouts.history(1)).filter((e) => e.type === 'breach-confirmed')
  expect(breaches).toMatchObject([{ number: 1 }, { number: 2, undone: expect.anything() }])
  await project(world, createPager(world), 1)
  expect(keys()).toHaveLength(2)
})

test('an incident that no ledger knows any more, as Redis came back empty, is resolved', async () => {
  await shift(world, 1, false)
  breakLimit()
  await watchAlone(6)
  expect(keys()).toEqual([breachKey])
  world.memory.cut(1, 0)
  const { resolve } = world.paging
  world.paging.resolve = () => Promise.reject(new SlipwayError('paging-unreachable', {}))
  await redisBack()
  expect(world.resolved).toEqual([])
  world.paging.resolve = resolve
  await emergency.settle()
  expect(world.resolved).toEqual([breachKey])
})

describe('where PagerDuty had not taken a page, either, and Redis came back empty', () => {
  beforeEach(() => shift(world, 1, false))

  async function isPagedAfterAll(): Promise<void> {
    world.memory.cut(1, 0)
    await redisBack()
    await emergency.settle()
    expect(keys()).toEqual([])
    world.pagerAway = false
    for (let settles = 0; settles < 5; settles++) {
      world.time += world.config.pagerduty.timeout
      await redisBack()
    }
    expect(keys()).toEqual([breachKey])
    // Nobody has been called before, and no record ends it: it is a person's.
    expect(world.resolved).not.toContain(breachKey)
  }

  test('a breach that was answered without it is paged all the same, once', async () => {
    breakLimit()
    world.pagerAway = true
    await watchAlone(4)
    expect(glass()).toHaveLength(1)
    await isPagedAfterAll()
  })

  test('so is one that it had on record', async () => {
    breakLimit()
    await look(world, 3)
    await rollBack(world, 1, false)
    world.pagerAway = true
    await watchAlone(3)
    await isPagedAfterAll()
  })

  test('so is a rollback that fails, where Redis has lost that it was ordered', async () => {
    await say(world, { type: 'roll-back', reason: 'odd', forced: true })
    const orders = (await world.rollouts.history(1)).length
    world.pagerAway = true
    world.shown.failing = new SlipwayError('cluster-forbidden', { what: 'patch' })
    await watchAlone(3)
    world.memory.cut(1, orders - 1)
    await redisBack()
    world.pagerAway = false
    await redisBack()
    expect(keys()).toEqual([`${service}/1/rollback-failed/1`])
  })

  test('what it was to say of Redis is said no more', async () => {
    world.pagerAway = true
    await watchAlone((5 * 60_000) / spec.interval)
    world.memory.cut(1, 0)
    await redisBack()
    world.pagerAway = false
    await redisBack()
    expect(keys()).toEqual([])
  })
})

test('a breach whose rollout comes back from before it was prepared is not said to be over without a look', async () => {
  await shift(world, 1, false)
  breakLimit()
  await watchAlone(4)
  expect(keys()).toEqual([breachKey])
  world.memory.cut(1, 1)
  await redisBack()
  await watchRecovery(world, await stateOf(world))
  expect(await stateOf(world)).toMatchObject({ stage: 'rolled-back', recovery: 'not-seen' })
})

test('the page of a Redis that stays away has the weight that was just seen, not one from before that somebody else had set', async () => {
  await shift(world, 1, false)
  world.weights.green = 0
  await look(world)
  world.weights.green = 5
  await watchAlone((5 * 60_000) / spec.interval)
  expect(world.pages.map(({ summary, details }) => [summary, details.weight])).toEqual([
    [expect.stringContaining('the canary keeps 5 % and is watched'), '5 %'],
  ])
})

test('a breach after a person has taken the traffic back, with neither the cluster nor PagerDuty there, is paged when Redis is back', async () => {
  await shift(world, 1, false)
  world.memory.away = true
  await emergency.takeBack({ by: person, reason: 'looks wrong', forced: true })
  // Somebody raises the weight by hand.
  world.weights.green = 5
  breakLimit()
  refuseBreakGlass()
  world.pagerAway = true
  await watchAlone(6)
  expect(glass()).toEqual(['break-glass U000SRE (looks wrong)'])
  expect(keys()).toEqual([])
  await redisBack()
  expect((await eventsOf(world)).slice(-3)).toEqual(['rollback-ordered', 'weights-restored', 'breach-confirmed'])
  expect(await stateOf(world)).toMatchObject({ stage: 'rolled-back', recovery: 'watched' })
  world.pagerAway = false
  await project(world, createPager(world), 1)
  expect(keys()).toEqual([breachKey])
  expect(world.pages[0]?.summary).toContain('ROLLBACK NOT DONE')
  const breach = (await world.rollouts.history(1)).find((e) => e.type === 'breach-confirmed')
  const told = breach && threadText(breach, await stateOf(world))
  expect(told?.text).toContain('*ROLLBACK NOT DONE when that was found:*')
})

describe('a person', () => {
  beforeEach(() => shift(world, 1, false))

  test.each([
    [true, 'go-ahead'],
    [false, 'hold'],
  ])('takes everything back (forced: %s, %s when stable is empty), on record afterwards', async (forced, whenEmpty) => {
    world.memory.away = true
    await emergency.takeBack({ by: person, reason: 'looks wrong', forced })
    await emergency.takeBack({ by: person, reason: 'looks wrong', forced })
    expect(world.whenEmpty).toEqual([whenEmpty, whenEmpty])
    await redisBack()
    expect((await stateOf(world)).rollback).toMatchObject({ cause: 'person', forced, by: person })
    expect((await eventsOf(world)).filter((e) => e === 'rollback-ordered')).toHaveLength(1)
    expect(keys()).toEqual([])
  })
})

describe('the point of no return', () => {
  const point = { phase: 1, what: 'the migration', role: 'technical-lead' }
  const declares = { ...spec, pointOfNoReturn: point }

  test('is known without Redis from its phase on, until a rollback was ordered', async () => {
    const other = createFakeWorld()
    const alone = createEmergency(other)
    await prepareRelease(other, declares)
    other.memory.away = true
    expect(await alone.passed()).toBeNull()
    other.memory.away = false
    await sign(other)
    other.memory.away = true
    expect(await alone.passed()).toEqual(point)
    other.memory.away = false
    await say(other, { type: 'roll-back', reason: '', forced: false })
    expect(await alone.passed()).toBeNull()
  })

  test('is known to a process that was started after Redis had gone; not, and in nobody’s way, while the cluster is away too', async () => {
    await shift(world, 1, false)
    const pointsOfNoReturn = [{ ...point, version: spec.version }]
    const config = { ...world.config, pointsOfNoReturn }
    const late = createEmergency({ ...world, config, rollouts: { ...world.rollouts, known: () => [] } })
    world.memory.away = true
    expect(await late.passed()).toEqual(point)
    world.shown.failing = new SlipwayError('cluster-unreachable', { what: 'get' })
    expect(await late.passed()).toBeNull()
  })
})

describe('what is watched without Redis', () => {
  test('a shift that was written and could not be recorded', async () => {
    // The ledger still says 0 %.
    world.images.green = spec.image
    world.ready.green = 1
    Object.assign(world.weights, { blue: 95, green: 5 })
    breakLimit()
    await watchAlone(4)
    expect(glass()).toHaveLength(1)
  })

  test('a shift under way, also when the API server is away', async () => {
    breakLimit()
    // The shift was written: requests come.
    world.samples.set('increase(http_requests', { value: 3_000, at: 0 })
    world.shown.failing = new SlipwayError('cluster-unreachable', { what: 'get' })
    await watchAlone(4)
    expect(keys()).toEqual([breachKey])
  })

  test('a weight that somebody raised again after it was taken back: a breach takes it back again, on record as one act', async () => {
    await shift(world, 1, false)
    await emergency.takeBack({ by: person, reason: 'looks wrong', forced: true })
    const raised = { blue: 80, green: 20 }
    Object.assign(world.weights, raised)
    await watchAlone(6)
    // All is well with it: whoever raised it has their way, as with Redis.
    expect(world.weights).toEqual(raised)
    breakLimit()
    await watchAlone(6)
    expect(world.weights).toEqual({ blue: 100, green: 0 })
    expect(glass()).toHaveLength(2)
    await redisBack()
    expect((await stateOf(world)).rollback).toMatchObject({ cause: 'person', by: person })
    expect((await eventsOf(world)).filter((e) => e === 'rollback-ordered')).toHaveLength(1)
  })

  test('a canary without a ready pod, where the API server says that there is none', async () => {
    await shift(world, 1, false)
    world.ready.green = 0
    world.shown.failing = new SlipwayError('cluster-unreachable', { what: 'get' })
    await watchAlone(4)
    world.shown.failing = null
    await watchAlone(2)
    expect(glass()).toEqual([])
    await watchAlone(1)
    expect(glass()).toEqual(['break-glass slipway (claude-enhancer-green fails (NoReadyPods))'])
    expect(keys()).toEqual([breachKey])
  })

  test('nothing that was taken back, while the API server does not say that it has traffic again', async () => {
    await shift(world, 1, false)
    breakLimit()
    await watchAlone(3)
    expect(keys()).toEqual([breachKey])
    world.shown.failing = new SlipwayError('cluster-unreachable', { what: 'get' })
    await watchAlone(6)
    expect(glass()).toHaveLength(1)
    expect(keys()).toEqual([breachKey])
  })

  test('nothing, where the canary has no traffic', async () => {
    breakLimit()
    await watchAlone(4)
    expect([...glass(), ...keys()]).toEqual([])
  })

  test('what the mark tells, by a process that was started after Redis had gone', async () => {
    await shift(world, 1, false)
    const started = { ...world, rollouts: { ...world.rollouts, known: () => [] } }
    const late = createEmergency(started)
    breakLimit()
    await watchAlone(4, late)
    expect(glass()).toHaveLength(1)
    expect(keys()).toEqual([breachKey])
    await redisBack(late)
    expect((await stateOf(world)).stage).toBe('rolled-back')
  })

  test('not a release whose end this process has seen, nor another service’s', async () => {
    await shift(world, 1, false)
    const over = (await world.rollouts.history(1)).reduce<State | null>(evolve, null)
    if (over === null) throw new Error('no rollout')
    const ended = { ...world.rollouts, known: () => [{ ...over, stage: 'complete' as const }] }
    const none = { ...world.rollouts, known: () => [], service: 'another' }
    breakLimit()
    for (const rollouts of [ended, none]) await watchAlone(60, createEmergency({ ...world, rollouts }))
    expect([...glass(), ...keys()]).toEqual([])
  })
})

describe('Redis away for long', () => {
  beforeEach(() => shift(world, 1, false))

  test('pages once while the canary has traffic, and resolves that when it is back', async () => {
    const looks = (5 * 60_000) / spec.interval
    await watchAlone(looks - 1)
    expect(keys()).toEqual([])
    await watchAlone(looks + 3)
    expect(keys()).toEqual([`${service}/1/redis`])
    await redisBack()
    await redisBack()
    expect(world.resolved).toEqual([`${service}/1/redis`])
  })

  test('is resolved by whoever comes back, once, though the process that paged is gone', async () => {
    await watchAlone((5 * 60_000) / spec.interval)
    expect(keys()).toEqual([`${service}/1/redis`])
    const held = new Set<string>()
    const leases: World['leases'] = {
      async take(name) {
        await world.memory.latest()
        if (held.has(name)) return null
        held.add(name)
        return { renew: async () => true, release: async () => void held.delete(name) }
      },
    }
    const others = [1, 2].map(() => createEmergency({ ...world, leases }))
    for (const other of others) await expect(other.settle()).rejects.toMatchObject({ code: 'ledger-unavailable' })
    held.clear()
    for (const other of [...others, ...others]) await redisBack(other)
    expect(world.resolved).toEqual([`${service}/1/redis`])
    // The next absence is another one.
    held.clear()
    for (const other of others) await watchAlone(1, other)
    for (const other of others) await redisBack(other)
    expect(world.resolved).toHaveLength(2)
  })

  test('is resolved by another process, too, where the one that had begun to died while PagerDuty was away', async () => {
    await watchAlone((5 * 60_000) / spec.interval)
    const held = new Map<string, number>()
    const leases: World['leases'] = {
      async take(name, ms) {
        if ((held.get(name) ?? 0) > world.time) return null
        held.set(name, world.time + ms)
        return { renew: async () => true, release: async () => void held.delete(name) }
      },
    }
    const successor = createEmergency({ ...world, leases })
    const resolve = () => new Promise<never>(() => undefined)
    void redisBack(createEmergency({ ...world, leases, paging: { ...world.paging, resolve } }))
    await redisBack(successor)
    expect(world.resolved).toEqual([])
    world.time += 30_000
    await redisBack(successor)
    await redisBack(createEmergency({ ...world, leases }))
    expect(world.resolved).toEqual([`${service}/1/redis`])
  })

  test('is resolved only once a trigger that got no answer can’t arrive any more', async () => {
    world.pagerAway = true
    await watchAlone((5 * 60_000) / spec.interval)
    world.pagerAway = false
    await redisBack()
    world.time += 2 * world.config.pagerduty.timeout - 1
    await emergency.settle()
    expect(world.resolved).toEqual([])
    world.time += 1
    await emergency.settle()
    await emergency.settle()
    expect(world.resolved).toEqual([`${service}/1/redis`])
  })

  test('pages again in another absence', async () => {
    const looks = (5 * 60_000) / spec.interval
    await watchAlone(looks)
    world.time += 2 * world.config.pagerduty.timeout
    await redisBack()
    await watchAlone(looks)
    expect(keys()).toHaveLength(2)
  })
})

test('what can’t be recorded for a reason of its own stays for later, and keeps nothing else back', async () => {
  await shift(world, 1, false)
  await emergency.takeBack({ by: person, reason: '', forced: true })
  const newer = {
    ...world.rollouts,
    execute: () => Promise.reject(new SlipwayError('ledger-conflict', { rollout: '1' })),
  }
  const stuck = createEmergency({ ...world, rollouts: newer })
  await stuck.takeBack({ by: person, reason: '', forced: true })
  await expect(stuck.record()).resolves.toBeUndefined()
  const away = { ...newer, execute: () => Promise.reject(new SlipwayError('ledger-unavailable', { after: 1 })) }
  const alone = createEmergency({ ...world, rollouts: away })
  await alone.takeBack({ by: person, reason: '', forced: true })
  await expect(alone.record()).rejects.toMatchObject({ code: 'ledger-unavailable' })
})
