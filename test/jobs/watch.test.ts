import { beforeEach, describe, expect, test } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import { cleanUp } from '../../src/jobs/clean-up.ts'
import { createEmergency } from '../../src/jobs/emergency.ts'
import { own } from '../../src/jobs/outcome.ts'
import { rollBack } from '../../src/jobs/roll-back.ts'
import { shift } from '../../src/jobs/shift.ts'
import { soakKey, watch } from '../../src/jobs/watch.ts'
import type { Metric } from '../../src/rollout/plan.ts'
import { until } from '../../src/sandbox/until.ts'
import { holderOf, spec } from '../rollout/drive.ts'
import { createFakeWorld, type FakeWorld } from './fake-world.ts'
import { say, sign, startRelease, stateOf } from './release.ts'

let world: FakeWorld
let ids = 0
beforeEach(async () => {
  world = createFakeWorld()
  await startRelease(world)
})

const state = () => stateOf(world)

/** One look after an interval. */
async function look(times = 1): Promise<void> {
  for (let i = 0; i < times; i++) {
    world.time += spec.interval
    await watch(world, await state())
  }
}

async function events(): Promise<string[]> {
  return (await world.rollouts.history(1)).map((e) => e.type)
}

describe('a shift', () => {
  test('sizes, waits, writes once and records; running it again changes nothing', async () => {
    await shift(world, 1, false)
    await shift(world, 1, false)
    expect(world.writes).toEqual(['claim', 'size green 1', 'shift 5'])
    expect((await state()).stage).toBe('soaking')
  })

  test('is not written while a limit is broken in the phase before: what may become a breach gets no more traffic', async () => {
    await shift(world, 1, false)
    const observed = spec.phases[0]?.soak ?? 0
    await world.rollouts.execute(1, own(world, { type: 'record-soak', phase: 1, of: 'soak', observed, figures: [] }))
    await say(world, { type: 'advance' }, 'devops')
    await sign(world)
    world.samples.set('histogram_quantile', { value: 1_500, at: world.time })
    await look()
    // Nothing is cleared by a look that finds no number.
    world.samples.set('histogram_quantile', { missing: 'empty', detail: 'gone' })
    await look()
    const shifting = shift(world, 1, false)
    await until(
      async () => ((await events()).filter((type) => type === 'canary-ready').length > 1 ? true : undefined),
      5_000,
    )
    expect(world.writes).not.toContain('shift 20')
    world.samples.clear()
    await look()
    await shifting
    expect(world.writes).toContain('shift 20')
  })

  describe('of a canary that has traffic', () => {
    beforeEach(async () => {
      // Failed looks are not told as blindness at once.
      const release = { ...spec, metrics: spec.metrics.map(leftOut), queryErrors: 6 }
      world = createFakeWorld()
      await startRelease(world, release)
      await shift(world, 1, false)
      const observed = spec.phases[0]?.soak ?? 0
      await world.rollouts.execute(1, own(world, { type: 'record-soak', phase: 1, of: 'soak', observed, figures: [] }))
      await say(world, { type: 'advance' }, 'devops')
      await sign(world)
    })

    function leftOut(metric: Metric): Metric {
      return metric.query.includes('cpu_') ? { ...metric, missing: { ...metric.missing, empty: 'ignore' } } : metric
    }

    const gone = { missing: 'failed', detail: 'no answer' } as const

    test.each([
      [
        'there was no look for ten minutes',
        async () => {
          await look()
          world.time += 600_000
        },
      ],
      [
        'every look since a broken limit has failed',
        async () => {
          world.samples.set('histogram_quantile', { value: 1_500, at: world.time })
          await look(2)
          world.samples.set('histogram_quantile', gone)
          await look(4)
        },
      ],
      [
        'the last look found no number for a metric',
        async () => {
          await look(2)
          world.samples.set('histogram_quantile', gone)
          await look()
        },
      ],
    ])('is not written when %s, until there are numbers', async (_, happens) => {
      await happens()
      const written: boolean[] = []
      async function wait(): Promise<void> {
        written.push(world.writes.includes('shift 20'))
        world.samples.clear()
        await look()
      }
      Object.assign(world.clock, { wait })
      await shift(world, 1, false)
      expect(written).toEqual([false])
      expect(world.writes).toContain('shift 20')
    })

    test('is written without the number of a metric whose missing number is ignored', async () => {
      await look(2)
      world.samples.set('cpu_', { missing: 'empty', detail: 'gone' })
      await look()
      await shift(world, 1, false)
      expect(world.writes).toContain('shift 20')
    })
  })

  test('run again after a crash between the write and its record, it only records', async () => {
    world.images.green = spec.image
    world.ready.green = 1
    Object.assign(world.weights, { blue: 95, green: 5 })
    await shift(world, 1, false)
    expect((await state()).weight).toBe(5)
  })

  test('does not write while it is paused, nor after a rollback was ordered', async () => {
    await world.rollouts.execute(1, { type: 'pause', id: 'p', at: world.time, by: holderOf('sre'), reason: '' })
    await shift(world, 1, false)
    expect(world.writes).toEqual(['claim'])
    await world.rollouts.execute(1, {
      type: 'roll-back',
      id: 'r',
      at: world.time,
      by: holderOf('sre'),
      reason: '',
      forced: true,
    })
    await shift(world, 1, false)
    await rollBack(world, 1, false)
    expect(world.writes).toEqual(['claim', 'restore'])
  })
})

test('time before the shift counts nothing, though somebody else’s traffic was looked at in it', async () => {
  Object.assign(world.weights, { blue: 60, green: 40 })
  await look()
  Object.assign(world.weights, { blue: 100, green: 0 })
  await look()
  world.time += spec.interval / 2
  await shift(world, 1, false)
  world.time += spec.interval / 2
  await watch(world, await state())
  expect(await world.beside.observed(1, 'phase-1')).toBe(spec.interval / 2)
})

describe('a first shift that may have been written, with the API server away', () => {
  beforeEach(() => {
    Object.assign(world.weights, { blue: 95, green: 5 })
    world.shown.failing = new SlipwayError('cluster-unreachable', { what: 'the route' })
  })

  test('is watched: a breach rolls back as soon as that can be done', async () => {
    world.samples.set('histogram_quantile', { value: 1_500, at: world.time })
    await look(3)
    expect((await events()).slice(-2)).toEqual(['breach-confirmed', 'rollback-ordered'])
    world.shown.failing = null
    await rollBack(world, 1, false)
    expect(world.weights).toEqual({ blue: 100, green: 0 })
  })

  test('makes nobody blind: a canary without traffic has no numbers', async () => {
    world.samples.set('histogram_quantile', { missing: 'empty', detail: 'gone' })
    await look(60)
    expect((await state()).blind).toBeUndefined()
    world.shown.failing = null
    await look(3)
    expect((await state()).blind).toBeDefined()
  })
})

describe('watching a soak', () => {
  beforeEach(() => shift(world, 1, false))

  test('passes it after exactly its observed time, an interval a look', async () => {
    const looks = (spec.phases[0]?.soak ?? 0) / spec.interval
    await look(looks - 1)
    expect((await state()).stage).toBe('soaking')
    await look()
    expect((await state()).stage).toBe('soaked')
  })

  test('a long silence counts one interval at most', async () => {
    await look()
    world.time += 60 * 60_000
    await look()
    expect(await world.beside.observed(1, soakKey(await state()))).toBe(2 * spec.interval)
  })

  test('a window that is opened again, after a lost record, counts from the start', async () => {
    const opened = (windowOpenedAt: number) => soakKey({ ...soaking, stage: 'released', windowOpenedAt })
    const soaking = await state()
    expect(opened(world.time)).not.toBe(opened(world.time + 1))
  })

  test.each(['empty', 'not-finite', 'stale', 'several-series', 'failed'] as const)(
    'a reading that is %s counts nothing, and is told when it lasts',
    async (missing) => {
      await look(3)
      world.samples.set('histogram_quantile', { missing, detail: 'gone' })
      await look(10)
      expect(await world.beside.observed(1, 'phase-1')).toBe(3 * spec.interval)
      expect((await state()).blind?.metrics).toEqual([{ metric: 'p95', reason: `${missing}: gone` }])
      world.samples.clear()
      await look()
      expect((await state()).blind).toBeUndefined()
      expect(await world.beside.observed(1, 'phase-1')).toBe(4 * spec.interval)
    },
  )

  test('a Prometheus whose every answer takes as long as an interval is told as blindness', async () => {
    Object.assign(world, {
      metrics: {
        query: async () => {
          hung = world.time
          return { missing: 'failed', detail: 'no answer in time' }
        },
      },
    })
    let hung = 0
    const { now } = world.clock
    Object.assign(world.clock, { now: () => (hung === world.time ? hung + spec.interval : now()) })
    await look(10)
    expect((await state()).blind).toBeDefined()
  })

  test('what was read before another process looked is history: nothing follows from it', async () => {
    await look(10)
    world.samples.set('histogram_quantile', { missing: 'empty', detail: 'gone' })
    await look(2)
    const { metrics } = world
    Object.assign(world, {
      metrics: {
        async query(promql: string) {
          if (!promql.includes('histogram_quantile')) return metrics.query(promql, spec.staleAfter)
          Object.assign(world, { metrics })
          world.samples.clear()
          await look(3)
          return { missing: 'empty', detail: 'gone' }
        },
      },
    })
    await look()
    expect((await events()).filter((type) => type === 'went-blind')).toEqual([])
  })

  test('a pause counts nothing, and a breach during it still rolls back', async () => {
    await world.rollouts.execute(1, { type: 'pause', id: 'p', at: world.time, by: holderOf('sre'), reason: '' })
    await look(3)
    expect(await world.beside.observed(1, 'phase-1')).toBe(0)
    world.samples.set('histogram_quantile', { value: 1_500, at: world.time })
    await look(3)
    await rollBack(world, 1, false)
    expect((await state()).stage).toBe('rolled-back')
    expect(world.weights).toEqual({ blue: 100, green: 0 })
  })

  test('two broken readings are no breach, three are', async () => {
    await look(10)
    world.samples.set('histogram_quantile', { value: 1_500, at: world.time })
    await look(2)
    expect(await events()).not.toContain('breach-confirmed')
    await look()
    expect((await events()).slice(-2)).toEqual(['breach-confirmed', 'rollback-ordered'])
  })

  test('somebody else’s weight is told and holds; undone, it goes on', async () => {
    Object.assign(world.weights, { blue: 60, green: 40 })
    await look(2)
    expect((await state()).drift).toMatchObject({ what: 'the canary gets 40 %, expected 5 %', weight: 40 })
    expect(await world.beside.observed(1, 'phase-1')).toBeLessThanOrEqual(spec.interval)
    Object.assign(world.weights, { blue: 95, green: 5 })
    await look()
    expect((await state()).drift).toBeUndefined()
  })

  test('targets that do not hold lead to a decision, not to the next phase', async () => {
    world.samples.set('agents_available', { value: 59, at: world.time })
    await look((spec.phases[0]?.soak ?? 0) / spec.interval)
    expect((await state()).stage).toBe('waiting')
  })
})

describe('without Redis', () => {
  beforeEach(() => shift(world, 1, false))

  test('a breach is confirmed from memory, the traffic is taken back, and recorded once afterwards', async () => {
    const emergency = createEmergency(world)
    world.samples.set('histogram_quantile', { value: 1_500, at: world.time })
    for (let i = 0; i < 5; i++) {
      world.time += spec.interval
      await emergency.watch(world.time)
    }
    expect(world.writes.filter((w) => w.startsWith('break-glass'))).toEqual([
      'break-glass slipway (p95 over its limit)',
    ])
    expect((await state()).stage).toBe('soaking')
    await emergency.record()
    await emergency.record()
    expect((await events()).slice(-4)).toEqual([
      'breach-confirmed',
      'rollback-ordered',
      'page-sent',
      'weights-restored',
    ])
  })

  test('an empty reading is no breach', async () => {
    const emergency = createEmergency(world)
    world.samples.set('histogram_quantile', { missing: 'empty', detail: '' })
    for (let i = 0; i < 5; i++) {
      world.time += spec.interval
      await emergency.watch(world.time)
    }
    expect(world.writes.filter((w) => w.startsWith('break-glass'))).toEqual([])
  })
})

describe('cleaning up', () => {
  beforeEach(async () => {
    await shift(world, 1, false)
    await world.rollouts.execute(1, {
      type: 'roll-back',
      id: `r${++ids}`,
      at: world.time,
      by: holderOf('sre'),
      reason: '',
      forced: true,
    })
    await rollBack(world, 1, false)
  })

  test('scales the canary down once a whole window has seen no requests of it', async () => {
    world.samples.set('increase(http_requests', { value: 0, at: world.time })
    const cleaning = cleanUp(world, 1, false)
    await expect.poll(() => world.queries.some((q) => q.includes('increase(http_requests'))).toBe(true)
    expect(world.writes.at(-1)).toBe('restore')
    world.time += spec.staleAfter
    await cleaning
    expect(world.writes.slice(-2)).toEqual(['restore', 'size green 0'])
    expect((await state()).cleanUp).toBe('done')
  })

  test('a process that died before it recorded that the pods are gone leaves nobody asked: the next one records it', async () => {
    world.samples.set('increase(http_requests', { missing: 'empty', detail: 'no series' })
    await world.cluster.size('green', { replicas: 0 }, { rollout: 1, version: 99 })
    world.time += spec.pageAfter
    await cleanUp(world, 1, false)
    expect((await state()).cleanUp).toBe('done')
  })

  test('while that is unknown the pods stay, and a person is asked', async () => {
    world.samples.set('increase(http_requests', { missing: 'empty', detail: 'no series' })
    world.time += spec.pageAfter
    await cleanUp(world, 1, false)
    expect(world.writes.at(-1)).toBe('restore')
    expect((await state()).cleanUp).toBe('held')
    await world.rollouts.execute(1, { type: 'finish', id: 'f', at: world.time, by: holderOf('sre') })
    await cleanUp(world, 1, false)
    expect(world.writes.at(-1)).toBe('size green 0')
  })
})
