import { describe, expect, test } from 'vitest'
import { createPager } from '../../src/jobs/page.ts'
import { pageOf } from '../../src/jobs/page-texts.ts'
import { project } from '../../src/jobs/project.ts'
import { watchRecovery } from '../../src/jobs/recovery.ts'
import { rollBack } from '../../src/jobs/roll-back.ts'
import { shift } from '../../src/jobs/shift.ts'
import type { Metric, MetricOverride, RolloutSpec } from '../../src/rollout/plan.ts'
import { threadText } from '../../src/slack/texts.ts'
import { spec } from '../rollout/drive.ts'
import { createFakeWorld, type FakeWorld } from './fake-world.ts'
import { eventsOf, look, startRelease, stateOf } from './release.ts'

const metricOf = (name: string): Metric => {
  const found = spec.metrics.find((m) => m.name === name)
  if (found === undefined) throw new Error(`no metric ${name}`)
  return found
}
const { target: _target, limit: _limit, ...unbounded } = metricOf('p95')

/** P95 beside stable's; the canary is rolled back when it is worse. */
const besideStable = {
  ...unbounded,
  name: 'p95-beside-stable',
  title: 'P95 beside stable',
  scope: 'compare',
  query: 'quantile_of{track="$track"}[$window]',
  minRequests: 200,
  compare: { worse: 'higher', tolerance: 0.1, readings: 10, significance: 0.001, effect: 0.75, critical: true },
} as const satisfies Metric

async function soaking(change: Partial<RolloutSpec>): Promise<FakeWorld> {
  const world = createFakeWorld()
  await startRelease(world, { ...spec, ...change })
  await shift(world, 1, false)
  return world
}

const observed = (world: FakeWorld) => world.beside.observed(1, 'phase-1')

describe('a metric that compares', () => {
  const metrics = [...spec.metrics, besideStable]
  const tracks = (world: FakeWorld, green: number, blue: number) => {
    world.samples.set('quantile_of{track="green"}', { value: green, at: world.time })
    world.samples.set('quantile_of{track="blue"}', { value: blue, at: world.time })
  }
  /** Looks that a comparison needs to have its windows. */
  const looks = (10 * 60_000) / spec.interval

  test('rolls back a canary that is worse than stable, and shows both', async () => {
    const world = await soaking({ metrics })
    for (let i = 0; i < looks; i++) {
      tracks(world, 400 + i, 300 + i)
      await look(world)
    }
    const history = await world.rollouts.history(1)
    const breach = history.find((e) => e.type === 'breach-confirmed')
    if (breach?.type !== 'breach-confirmed') throw new Error('no breach')
    expect(breach.evidence).toMatchObject({
      metric: 'p95-beside-stable',
      query: 'quantile_of{track="green"}[60s]',
      comparison: { readings: 10, effect: expect.any(Number), canary: expect.any(Number), stable: expect.any(Number) },
    })
    await rollBack(world, 1, false)
    expect(world.weights).toEqual({ blue: 100, green: 0 })
    const told = threadText(breach, await stateOf(world))?.text
    expect(told).toMatch(
      /^\*Worse than stable: P95 beside stable 427 ms against 327 ms\*, medians of 10 readings each; limit above stable by more than 10 %\. Worse in \d+ % of all pairs, p /,
    )
  })

  test('lets one pass that is not, with both figures at the end', async () => {
    const world = await soaking({ metrics })
    for (let i = 0; i < (spec.phases[0]?.soak ?? 0) / spec.interval; i++) {
      tracks(world, 310, 300)
      await look(world)
    }
    const [passed] = (await world.rollouts.history(1)).flatMap((e) => (e.type === 'soak-passed' ? [e] : []))
    if (passed === undefined) throw new Error('not passed')
    expect(passed.figures.at(-1)).toEqual({ metric: 'p95-beside-stable', value: 310, stable: 300, good: true })
    expect(threadText(passed, await stateOf(world))?.text).toContain(
      '• P95 beside stable *310 ms against 300 ms* (limit above stable by more than 10 %): met',
    )
  })

  test.each([
    ['stable has no number', 'quantile_of{track="blue"}', 'empty: stable: gone'],
    ['stable gets too few requests', 'track="blue"}[', 'few-requests'],
  ])('counts no time while %s', async (_, word, reason) => {
    const world = await soaking({ metrics })
    tracks(world, 310, 300)
    await look(world, 3)
    world.samples.delete('quantile_of{track="blue"}')
    world.samples.set(
      word,
      reason === 'few-requests' ? { value: 3, at: world.time } : { missing: 'empty', detail: 'gone' },
    )
    await look(world, 10)
    expect(await observed(world)).toBe(3 * spec.interval)
    const blind = (await stateOf(world)).blind?.metrics
    expect(blind).toEqual([{ metric: 'p95-beside-stable', reason: expect.stringContaining(reason) }])
  })
})

describe('a warm-up', () => {
  const warmUp = 5 * spec.interval
  const metrics = spec.metrics.map((m) => (m.name === 'p95' ? { ...m, warmUp } : m))

  test('judges nothing of its metric, counts no time, and is told as no blindness', async () => {
    const world = await soaking({ metrics })
    world.samples.set('histogram_quantile', { value: 5_000, at: world.time })
    await look(world, 4)
    expect(await observed(world)).toBe(0)
    world.samples.clear()
    await look(world, 3)
    expect(await observed(world)).toBe(3 * spec.interval)
    const events = await eventsOf(world)
    expect(events).not.toContain('went-blind')
    expect(events).not.toContain('breach-confirmed')
  })

  test('keeps no other metric from breaking its limit', async () => {
    const world = await soaking({ metrics })
    world.samples.set('agents_failed', { value: 9, at: world.time })
    await look(world, 3)
    expect(await eventsOf(world)).toContain('breach-confirmed')
  })
})

test('queries that fail have a budget of their own before it is told', async () => {
  const world = await soaking({ queryErrors: 6 })
  world.samples.set('histogram_quantile', { missing: 'failed', detail: 'bad gateway' })
  await look(world, 5)
  // The first looks of a phase are given the time that a number may be old.
  await look(world, Math.ceil(spec.staleAfter / spec.interval) - 5 - 1)
  expect((await stateOf(world)).blind).toBeUndefined()
  await look(world, 2)
  expect((await stateOf(world)).blind?.metrics).toEqual([{ metric: 'p95', reason: 'failed: bad gateway' }])
  expect(await observed(world)).toBe(0)
})

describe('metrics that take turns in having no number', () => {
  const words = ['histogram_quantile', 'agents_failed']
  /** Looks, in each of which one of the two metrics has no number. */
  async function inTurn(world: FakeWorld, turns: readonly number[], missing: 'empty' | 'failed'): Promise<void> {
    for (const turn of turns) {
      world.samples.clear()
      world.samples.set(words[turn] ?? '', { missing, detail: 'gone' })
      await look(world)
    }
  }

  const long = [0, 0, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 1, 0, 1]

  test.each([{ turns: [0, 1, 0, 1, 0, 1] }, { turns: [0, 0, 1, 1, 0, 0] }, { turns: long }])(
    'hold the soak like one that lasts, and are told once: $turns',
    async ({ turns }) => {
      const world = await soaking({})
      await look(world, 6)
      await inTurn(world, turns.slice(0, 2), 'empty')
      expect((await stateOf(world)).blind).toBeUndefined()
      await inTurn(world, turns.slice(2), 'empty')
      expect((await stateOf(world)).blind?.metrics).toEqual([
        { metric: 'p95', reason: 'empty: gone' },
        { metric: 'agents-failed', reason: 'empty: gone' },
      ])
      expect((await eventsOf(world)).filter((type) => type === 'went-blind')).toHaveLength(1)
      expect(await observed(world)).toBe(6 * spec.interval)
      world.samples.clear()
      await look(world)
      expect((await stateOf(world)).blind).toBeUndefined()
    },
  )

  test('are told again with one that comes to it, all of them', async () => {
    const world = await soaking({})
    await look(world, 6)
    await inTurn(world, [0, 0, 0, 1, 1, 1, 0, 0, 0], 'empty')
    const told = (await world.rollouts.history(1)).flatMap((e) => (e.type === 'went-blind' ? [e.metrics] : []))
    expect(told.map((metrics) => metrics.map((m) => m.metric))).toEqual([['p95'], ['p95', 'agents-failed']])
  })

  test('are not told while looks between have every number', async () => {
    const world = await soaking({})
    await look(world, 6)
    for (let i = 0; i < 5; i++) {
      await inTurn(world, [0, 1], 'empty')
      world.samples.clear()
      await look(world)
    }
    expect(await eventsOf(world)).not.toContain('went-blind')
  })

  test('have the budget of queries that fail, where theirs do', async () => {
    const world = await soaking({ queryErrors: 6 })
    await look(world, 6)
    await inTurn(world, [0, 1, 0, 1, 0], 'failed')
    expect((await stateOf(world)).blind).toBeUndefined()
    await inTurn(world, [1], 'failed')
    expect((await stateOf(world)).blind?.metrics.map((m) => m.metric)).toEqual(['p95', 'agents-failed'])
  })
})

test('a phase judges in its own way, and says its own limit', async () => {
  const limit = { op: '>', value: 200, text: '> 200ms' } as const
  const target = { op: '<', value: 100, text: '< 100ms' } as const
  const own: MetricOverride = { target, limit, confirm: 2 }
  const phases = spec.phases.map((p) => (p.number === 1 ? { ...p, metrics: { p95: own } } : p))
  const world = await soaking({ phases })
  world.samples.set('histogram_quantile', { value: 300, at: world.time })
  await look(world, 2)
  const [breach] = (await world.rollouts.history(1)).flatMap((e) => (e.type === 'breach-confirmed' ? [e] : []))
  if (breach === undefined) throw new Error('no breach')
  expect(breach.evidence.readings).toHaveLength(2)
  expect(threadText(breach, await stateOf(world))?.text).toContain('300 ms*, limit above 200ms. 2 readings')
})

test('numbers that a young phase lacks are no breach yet, where missing is to be one', async () => {
  const missing = { ...metricOf('p95').missing, empty: 'breach' } as const
  const metrics = spec.metrics.map((m) => (m.name === 'p95' ? { ...m, missing } : m))
  const world = await soaking({ metrics })
  world.samples.set('histogram_quantile', { missing: 'empty', detail: 'not scraped yet' })
  const young = spec.staleAfter / spec.interval - 1
  await look(world, young)
  expect(await eventsOf(world)).not.toContain('breach-confirmed')
  expect(await observed(world)).toBe(0)
  await look(world, 2)
  expect(await eventsOf(world)).not.toContain('went-blind')
  await look(world)
  expect(await eventsOf(world)).toContain('breach-confirmed')
})

describe('where a missing number counts as broken', () => {
  const breach = { ...metricOf('p95').missing, empty: 'breach' } as const
  const gone = { missing: 'empty', detail: 'gone' } as const

  test('looks without one count no time, also while too few of them come in a row', async () => {
    const world = await soaking({ metrics: [{ ...metricOf('p95'), missing: breach }] })
    await look(world, 6)
    for (let i = 0; i < 10; i++) {
      world.samples.set('histogram_quantile', gone)
      await look(world, 2)
      world.samples.clear()
      await look(world)
    }
    expect(await observed(world)).toBe((6 + 10) * spec.interval)
    expect(await eventsOf(world)).not.toContain('breach-confirmed')
  })

  test('a breach that takes longer to confirm than a blindness to tell is no blindness first', async () => {
    const world = await soaking({ metrics: [{ ...metricOf('p95'), confirm: 6, missing: breach }] })
    await look(world, 6)
    world.samples.set('histogram_quantile', gone)
    await look(world, 5)
    expect(await eventsOf(world)).not.toContain('breach-confirmed')
    await look(world)
    expect(await eventsOf(world)).toContain('breach-confirmed')
    expect(await eventsOf(world)).not.toContain('went-blind')
  })

  test('one that takes turns with another metric is told after as many looks as confirm it', async () => {
    const world = await soaking({
      metrics: [{ ...metricOf('p95'), confirm: 6, missing: breach }, metricOf('agents-failed')],
    })
    await look(world, 6)
    for (const [i, word] of Array(3).fill(['histogram_quantile', 'agents_failed']).flat().entries()) {
      expect((await stateOf(world)).blind, `look ${i}`).toBeUndefined()
      world.samples.clear()
      world.samples.set(word, gone)
      await look(world)
    }
    expect((await stateOf(world)).blind?.metrics.map((m) => m.metric)).toEqual(['p95', 'agents-failed'])
  })

  test('numbers that broke the limit are told with it, though the newest is missing', async () => {
    const world = await soaking({ metrics: [{ ...metricOf('p95'), missing: breach }] })
    await look(world, 6)
    for (const value of [1_001, 1_002]) {
      world.samples.set('histogram_quantile', { value, at: world.time })
      await look(world)
    }
    world.samples.set('histogram_quantile', gone)
    await look(world)
    const breached = (await world.rollouts.history(1)).find((e) => e.type === 'breach-confirmed')
    if (breached === undefined) throw new Error('no breach')
    expect(threadText(breached, await stateOf(world))?.text).toContain(
      'P95 response time 1002 ms*, limit above 1000ms. 3 readings in 20 s: 1001 ms, 1002 ms, no number.',
    )
    const page = pageOf(breached, await stateOf(world), 'key')
    expect(page.summary).toContain('p95 broke its limit (> 1000ms) in phase 1')
    expect(page.details).toMatchObject({ value: '1002' })
  })

  test.each([
    [true, 310],
    [false, 500],
  ])('a comparison (critical: %j) says that the number is missing', async (critical, green) => {
    const compare = { ...besideStable.compare, worse: 'higher', critical } as const
    const world = await soaking({ metrics: [...spec.metrics, { ...besideStable, missing: breach, compare }] })
    for (let i = 0; i < 60; i++) {
      world.samples.set('quantile_of{track="green"}', { value: green + i, at: world.time })
      world.samples.set('quantile_of{track="blue"}', { value: 300 + i, at: world.time })
      await look(world)
    }
    world.samples.set('quantile_of{track="green"}', gone)
    await look(world, 3)
    const breached = (await world.rollouts.history(1)).find((e) => e.type === 'breach-confirmed')
    if (breached === undefined) throw new Error('no breach')
    expect(threadText(breached, await stateOf(world))?.text).toMatch(
      /^\*Limit broken: P95 beside stable has no number\*, which counts as broken here\. 3 readings in 20 s: no number, no number, no number\. Rolling back\.\n/,
    )
    expect(pageOf(breached, await stateOf(world), 'key').summary).toContain(
      'p95-beside-stable has no number, which counts as broken, in phase 1; rolling back.',
    )
  })
})

describe('where every missing number is ignored', () => {
  const ignored = { empty: 'ignore', 'not-finite': 'ignore', stale: 'ignore', 'several-series': 'ignore' } as const
  const missing = { ...ignored, failed: 'ignore', 'few-requests': 'ignore' } as const
  const metrics = [metricOf('p95'), metricOf('agents-failed')].map((m) => ({ ...m, missing }))
  const nothing = (word: string, world: FakeWorld) => world.samples.set(word, { missing: 'failed', detail: 'away' })

  test('no soak passes without any, and that is told when it lasts', async () => {
    const world = await soaking({ metrics })
    nothing('histogram_quantile', world)
    await look(world, 4)
    expect(await observed(world)).toBe(4 * spec.interval)
    nothing('agents_failed', world)
    await look(world, 10)
    expect(await observed(world)).toBe(4 * spec.interval)
    expect((await stateOf(world)).blind?.metrics.map((m) => m.metric)).toEqual(['p95', 'agents-failed'])
    world.samples.delete('agents_failed')
    await look(world)
    expect((await stateOf(world)).blind).toBeUndefined()
    expect(await observed(world)).toBe(5 * spec.interval)
  })

  test('a young phase is told nothing for it', async () => {
    const world = await soaking({ metrics })
    nothing('histogram_quantile', world)
    nothing('agents_failed', world)
    await look(world, spec.staleAfter / spec.interval - 1)
    expect((await stateOf(world)).blind).toBeUndefined()
  })
})

describe('after a rollback stable is well', () => {
  const limit = { op: '>', value: 230, text: '> 230ms' } as const
  const strict = spec.phases.map((p) => (p.number === 1 ? { ...p, metrics: { p95: { limit } } } : p))

  async function rolledBack(change: Partial<RolloutSpec>): Promise<FakeWorld> {
    const world = await soaking(change)
    world.samples.set('histogram_quantile', { value: 250, at: world.time })
    world.samples.set('agents_failed', { value: 9, at: world.time })
    await look(world, 3)
    await project(world, createPager(world), 1)
    await rollBack(world, 1, false)
    world.samples.delete('agents_failed')
    return world
  }

  async function recover(world: FakeWorld): Promise<void> {
    for (let i = 0; i * spec.interval < 2 * spec.resolveAfter; i++) {
      world.time += spec.interval
      await watchRecovery(world, await stateOf(world))
    }
  }

  test('by the limit that the phase asked for, not by another one', async () => {
    const world = await rolledBack({ phases: strict })
    await recover(world)
    expect((await stateOf(world)).recovery).toBe('watched')
    world.samples.clear()
    await recover(world)
    expect((await stateOf(world)).recovery).toBe('seen')
  })

  test('only while a number is there, also where a missing one is ignored', async () => {
    const p95 = metricOf('p95')
    const world = await rolledBack({
      phases: strict,
      metrics: [{ ...p95, missing: { ...p95.missing, failed: 'ignore' } }],
    })
    world.samples.set('histogram_quantile', { missing: 'failed', detail: 'away' })
    await recover(world)
    expect((await stateOf(world)).recovery).toBe('watched')
    world.samples.clear()
    await recover(world)
    expect((await stateOf(world)).recovery).toBe('seen')
  })

  test('only where something tells', async () => {
    const world = await rolledBack({ phases: strict })
    const { limit: _none, ...p95 } = metricOf('p95')
    const state = await stateOf(world)
    const spec = { ...state.spec, phases: [], metrics: [p95] }
    for (let i = 0; i < 100; i++) {
      world.time += spec.interval
      await watchRecovery(world, { ...state, spec })
    }
    expect((await stateOf(world)).recovery).toBe('watched')
  })
})
