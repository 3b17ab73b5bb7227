import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  applies,
  figuresOf,
  isObserved,
  judge,
  judgeAll,
  missingOf,
  satisfies,
  type Value,
} from '../../src/rollout/analysis.ts'
import { type Metric, missingReasons, type Scope } from '../../src/rollout/plan.ts'
import { spec } from './drive.ts'
import { interval, latency, missing, missingLeadsTo, readings, threshold } from './readings.ts'

const { target: _target, ...withoutTarget } = latency
const { limit: _limit, ...withoutLimit } = latency

function judged(metric: Metric, ...values: readonly (number | Value | null)[]) {
  return judge(metric, readings(...values), interval)
}

describe('a threshold', () => {
  it('is what it says at its edge', () => {
    const ops = ['<', '<=', '>', '>='] as const
    expect(ops.map((op) => [4, 5, 6].map((n) => satisfies(threshold(op, 5), n)))).toEqual([
      [true, false, false],
      [true, true, false],
      [false, false, true],
      [false, true, true],
    ])
  })

  it('is satisfied by no number that is none', () => {
    for (const op of ['<', '<=', '>', '>='] as const) expect(satisfies(threshold(op, 5), Number.NaN)).toBe(false)
  })
})

describe('one metric', () => {
  it('is good within its target, off target between target and limit, broken past the limit', () => {
    expect(judged(latency, 499)).toMatchObject({ state: 'good', onTarget: true, last: { value: 499 } })
    expect(judged(latency, 500)).toMatchObject({ state: 'off-target', onTarget: false })
    expect(judged(latency, 1000)).toMatchObject({ state: 'off-target', onTarget: false, row: [] })
    expect(judged(latency, 1001)).toMatchObject({ state: 'broken', onTarget: false })
  })

  it('without a target has no word on it, without a limit is never broken', () => {
    expect(judged(withoutTarget, 999)).toMatchObject({ state: 'good', onTarget: null })
    expect(judged(withoutLimit, 1e9, 1e9, 1e9, 1e9)).toMatchObject({ state: 'off-target', row: [] })
  })

  it('is confirmed broken by exactly as many readings in a row as it wants', () => {
    expect(judged(latency, 1001, 1002).state).toBe('broken')
    expect(judged(latency, 1, 1001, 1002, 1003)).toMatchObject({
      state: 'confirmed',
      row: [
        { at: 10_000, value: 1001 },
        { at: 20_000, value: 1002 },
        { at: 30_000, value: 1003 },
      ],
    })
    expect(judged({ ...latency, confirm: 1 }, 1001).state).toBe('confirmed')
  })

  it('starts its row again after one reading within the limit', () => {
    expect(judged(latency, 1001, 1002, 1000, 1003, 1004)).toMatchObject({ state: 'broken', row: { length: 2 } })
    expect(judged(latency, 1001, 1002, 1003, 10)).toMatchObject({ state: 'good', row: [] })
  })

  it('keeps the newest readings of a long row', () => {
    expect(judged(latency, 1001, 1002, 1003, 1004, 1005).row.map((r) => r.value)).toEqual([1003, 1004, 1005])
  })

  it('holds its target over the last readings, not over one', () => {
    expect(judged(latency, 600, 100, 100).onTarget).toBe(false)
    expect(judged(latency, 600, 100, 100, 100).onTarget).toBe(true)
    expect(judged(latency, 100, 100, 600)).toMatchObject({ state: 'off-target', onTarget: false })
  })
})

describe('a gap', () => {
  const within = Array.from({ length: 6 }, () => null)

  it('in the readings is not bridged: old ones confirm nothing', () => {
    expect(judged(latency, 1001, 1002, ...within, 1003).state).toBe('confirmed')
    expect(judged(latency, 1001, 1002, null, null, ...within, null, 1003)).toMatchObject({
      state: 'broken',
      row: { length: 1 },
    })
  })
})

describe('a missing number', () => {
  for (const reason of missingReasons) {
    it(`(${reason}) that holds is judged missing, neither good nor observed`, () => {
      const verdict = judged(missingLeadsTo('hold', reason), 100, missing(reason))
      expect(verdict).toMatchObject({ state: 'missing', last: { missing: reason } })
      expect(isObserved([verdict])).toBe(false)
      expect(figuresOf([verdict])).toEqual([{ metric: 'p95', value: null, good: false }])
    })

    it(`(${reason}) that counts as broken is, and confirms like a broken limit`, () => {
      const metric = missingLeadsTo('breach', reason)
      const broken = judged(metric, 100, missing(reason))
      expect(broken.state).toBe('broken')
      expect(isObserved([broken])).toBe(false)
      expect(missingOf([broken])).toEqual([broken])
      expect(figuresOf([broken])).toEqual([{ metric: 'p95', value: null, good: false }])
      const confirmed = judged(metric, missing(reason), 1001, missing(reason))
      expect(confirmed).toMatchObject({ state: 'confirmed', row: [{ value: null }, { value: 1001 }, { value: null }] })
    })

    it(`(${reason}) that is ignored is left out, and is nothing observed where there is nothing else`, () => {
      const verdict = judged(missingLeadsTo('ignore', reason), 100, missing(reason))
      expect(verdict.state).toBe('ignored')
      expect(isObserved([verdict, judged(latency, 100)])).toBe(true)
      expect(missingOf([verdict, judged(latency, 100)])).toEqual([])
      const elsewhere = judge({ ...latency, name: 'elsewhere' }, readings(100), interval)
      expect(isObserved([verdict, elsewhere])).toBe(false)
      expect(missingOf([verdict, elsewhere])).toEqual([verdict])
      expect(figuresOf([verdict])).toEqual([])
    })
  }

  it('neither confirms nor clears a row of broken ones', () => {
    expect(judged(latency, 1001, missing(), 1002).state).toBe('broken')
    expect(judged(latency, 1001, missing(), 1002, missing('failed'), 1003).state).toBe('confirmed')
    expect(judged(missingLeadsTo('ignore', 'stale'), 1001, missing('stale'), 1002, 1003).state).toBe('confirmed')
  })

  it('never counts as 0', () => {
    const wantsMore = { ...latency, target: threshold('>=', 0), limit: threshold('<', 1) }
    expect(judged(wantsMore, missing(), missing(), missing(), missing())).toMatchObject({
      state: 'missing',
      onTarget: false,
      row: [],
    })
  })

  it('never makes a target hold', () => {
    expect(judged(latency, missing(), missing(), missing()).onTarget).toBe(false)
    for (const outcome of ['hold', 'breach'] as const) {
      const verdict = judged(missingLeadsTo(outcome, 'empty'), missing(), missing())
      expect(figuresOf([verdict])).toEqual([{ metric: 'p95', value: null, good: false }])
    }
  })
})

describe('NaN and infinity', () => {
  for (const none of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
    it(`(${none}) are no numbers: they lead to what is configured for them`, () => {
      for (const metric of [latency, withoutTarget, withoutLimit]) {
        const verdict = judged(metric, 100, none)
        expect(verdict).toMatchObject({ state: 'missing', last: { missing: 'not-finite' } })
        expect(isObserved([verdict])).toBe(false)
        expect(figuresOf([verdict])).toEqual([{ metric: 'p95', value: null, good: false }])
      }
      expect(judged(missingLeadsTo('breach', 'not-finite'), none, none, none).state).toBe('confirmed')
      expect(judged(missingLeadsTo('ignore', 'not-finite'), none).state).toBe('ignored')
    })
})

describe('what does not apply', () => {
  const scopes: readonly Scope[] = ['canary', 'stable', 'service', 'compare']

  it('depends on which tracks have traffic', () => {
    const at = (weight: number) => scopes.filter((scope) => applies({ ...latency, scope }, weight))
    expect(at(0)).toEqual(['stable', 'service'])
    expect(at(5)).toEqual(['canary', 'stable', 'service', 'compare'])
    expect(at(100)).toEqual(['canary', 'service'])
  })

  it('is not missing: a reading without it is not applicable, and others are observed without it', () => {
    const compare: Metric = { ...latency, name: 'compare-p95', scope: 'compare' }
    const verdicts = judgeAll({ ...spec, metrics: [latency, compare] }, readings(100))
    expect(verdicts.map((v) => v.state)).toEqual(['good', 'not-applicable'])
    expect(isObserved(verdicts)).toBe(true)
    expect(figuresOf(verdicts).map((f) => f.metric)).toEqual(['p95'])
  })

  it('does not show an older value: when it stops applying, its last broken row is no longer judged', () => {
    const history = [...readings(1001, 1002, 1003), { at: 30_000, phase: 1, values: {} }]
    expect(judge(latency, history, interval)).toMatchObject({ state: 'not-applicable', last: undefined, row: [] })
  })

  it('before the first reading is everything, and nothing is observed then', () => {
    const verdicts = judgeAll(spec, [])
    expect(verdicts.map((v) => v.state)).toEqual(spec.metrics.map(() => 'not-applicable'))
    expect(isObserved(verdicts)).toBe(false)
    expect(isObserved([])).toBe(false)
  })
})

describe('figures', () => {
  it('give each value, and good only where the target holds', () => {
    expect(figuresOf([judged(latency, 100), judged(latency, 600)])).toEqual([
      { metric: 'p95', value: 100, good: true },
      { metric: 'p95', value: 600, good: false },
    ])
    expect(figuresOf([judged(withoutTarget, 999)])).toEqual([{ metric: 'p95', value: 999, good: null }])
  })

  it('call a broken limit no good, confirmed or not, also without a target', () => {
    expect(figuresOf([judged(withoutTarget, 1001)])).toMatchObject([{ good: false }])
    expect(figuresOf([judged(withoutTarget, 1001, 1001, 1001)])).toMatchObject([{ good: false }])
  })
})

describe('the release team’s metrics', () => {
  const named = (name: string) => {
    const metric = spec.metrics.find((m) => m.name === name)
    if (metric === undefined) throw new Error(`no metric ${name}`)
    return { ...metric, name: 'p95' }
  }

  it('confirm a breach by three readings in a row, resource use by six', () => {
    expect(judged(named('error-rate'), 0.006, 0.006).state).toBe('broken')
    expect(judged(named('error-rate'), 0.006, 0.006, 0.006).state).toBe('confirmed')
    expect(judged(named('cpu'), 0.91, 0.91, 0.91, 0.91, 0.91).state).toBe('broken')
    expect(judged(named('cpu'), 0.91, 0.91, 0.91, 0.91, 0.91, 0.91).state).toBe('confirmed')
  })

  it('draw their lines where the team drew them', () => {
    const state = (name: string, value: number) => judged(named(name), value).state
    expect([0.00099, 0.001, 0.005, 0.0051].map((n) => state('error-rate', n))).toEqual([
      'good',
      'off-target',
      'off-target',
      'broken',
    ])
    expect([60, 59].map((n) => state('agents-available', n))).toEqual(['good', 'off-target'])
    expect([5, 6].map((n) => state('agents-failed', n))).toEqual(['good', 'broken'])
    expect([10, 11].map((n) => state('workflow-errors', n))).toEqual(['good', 'broken'])
    expect([1, 0.999].map((n) => state('data-consistency', n))).toEqual(['good', 'off-target'])
  })
})

describe('any history', () => {
  const value = fc.oneof(
    { weight: 3, arbitrary: fc.double({ min: 0, max: 2000, noNaN: true }) },
    { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY) },
    { weight: 1, arbitrary: fc.constantFrom(...missingReasons).map((reason) => missing(reason)) },
    { weight: 1, arbitrary: fc.constant(null) },
  )
  const metric = fc.record({
    outcomes: fc.array(fc.constantFrom('hold', 'breach', 'ignore'), { minLength: 6, maxLength: 6 }),
    confirm: fc.integer({ min: 1, max: 6 }),
    limited: fc.boolean(),
  })
  const history = fc.array(value, { minLength: 1, maxLength: 40 })

  it('is judged good only by a finite newest value, confirmed only by enough broken ones', () => {
    fc.assert(
      fc.property(metric, history, ({ outcomes, confirm, limited }, values) => {
        const byReason = Object.fromEntries(missingReasons.map((reason, i) => [reason, outcomes[i] ?? 'hold']))
        const of = { ...(limited ? latency : withoutLimit), confirm, missing: { ...latency.missing, ...byReason } }
        const verdict = judged(of, ...values)
        const newest = values.findLast((v) => v !== null)
        if (verdict.state === 'good' || verdict.state === 'off-target')
          expect(typeof newest === 'number' && Number.isFinite(newest)).toBe(true)
        if (verdict.state === 'good') expect(newest).toBeLessThan(500)
        expect(verdict.row.length).toBeLessThanOrEqual(confirm)
        expect(verdict.state === 'confirmed').toBe(values.some((v) => v !== null) && verdict.row.length === confirm)
        for (const { value: n } of verdict.row) if (n !== null) expect(limited && n > 1000).toBe(true)
        const times = verdict.row.map((r) => r.at)
        expect(times).toEqual(times.toSorted((a, b) => a - b))
        const span = (times.at(-1) ?? 0) - (times[0] ?? 0)
        expect(span).toBeLessThanOrEqual(3 * confirm * interval)
      }),
      { numRuns: 1_000 },
    )
  })
})

it('a look with a number missing counts nothing, also while a breach is confirmed by the numbers before', () => {
  const verdict = judged(latency, 1001, 1001, 1001, missing('empty'))
  expect(verdict.state).toBe('confirmed')
  expect(isObserved([verdict])).toBe(false)
  expect(isObserved([judged(latency, 1001, 1001, 1001)])).toBe(true)
})
