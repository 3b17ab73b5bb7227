import { describe, expect, it } from 'vitest'
import { judge, type Readings, type Value } from '../../src/rollout/analysis.ts'
import { compareTracks, fewestReadings, median, type Pair } from '../../src/rollout/compare.ts'
import type { Comparison, Metric } from '../../src/rollout/plan.ts'
import { seededRandom } from '../../src/sandbox/service/random.ts'
import { interval, latency, missing, missingLeadsTo } from './readings.ts'

/** As configured by default. */
const byDefault: Comparison = {
  worse: 'higher',
  tolerance: 0.1,
  readings: 10,
  significance: 0.001,
  effect: 0.75,
  critical: false,
}
const { target: _target, limit: _limit, ...unbounded } = latency
const metricWith = (comparison: Partial<Comparison>, base: Metric = unbounded): Metric => {
  const { target: _t, limit: _l, ...rest } = base
  return { ...rest, scope: 'compare', compare: { ...byDefault, ...comparison } }
}

const minute = 60_000
/** Pairs a minute apart. */
function pairs(count: number, of: (i: number) => readonly [canary: number, stable: number]): readonly Pair[] {
  return Array.from({ length: count }, (_, i) => {
    const [canary, stable] = of(i)
    return { at: i * minute, canary, stable }
  })
}

describe('the canary beside stable', () => {
  const worse = (i: number) => [400 + i, 300 + i] as const

  it('is not judged before there are enough readings', () => {
    expect(compareTracks(byDefault, pairs(9, worse), minute).verdict).toBe('gathering')
    expect(compareTracks(byDefault, pairs(10, worse), minute).verdict).toBe('worse')
  })

  it.each([3, 4, 5, 6])('is never found not worse by so few that no canary would be found worse: %i', (readings) => {
    const few = { ...byDefault, readings }
    const farWorse = pairs(7, (i) => [25 * (300 + i), 300 + i])
    const verdicts = farWorse.map((_, i) => compareTracks(few, farWorse.slice(0, i + 1), minute).verdict)
    expect(verdicts).toEqual([...Array.from({ length: 6 }, () => 'gathering'), 'worse'])
    const same = pairs(7, (i) => [300 + i, 301 + i])
    expect(compareTracks(few, same.slice(0, 6), minute).verdict).toBe('gathering')
    expect(compareTracks(few, same, minute).verdict).toBe('not-worse')
  })

  it('is found worse all the same where equal values show it sooner', () => {
    const steady = pairs(6, () => [7_500, 300])
    expect(compareTracks({ ...byDefault, readings: 6 }, steady, minute).verdict).toBe('worse')
  })

  it.each([
    [0.05, 4],
    [0.01, 5],
    [0.001, 7],
    [0.0001, 8],
    [0, undefined],
  ])('takes, at a significance of %d, at least %j readings', (significance, fewest) => {
    expect(fewestReadings(significance)).toBe(fewest)
  })

  it('is worse only where significance and effect both say so', () => {
    const found = compareTracks(byDefault, pairs(12, worse), minute)
    expect(found).toMatchObject({ verdict: 'worse', effect: 1 })
    expect(found.p).toBeLessThan(0.000_01)
    // Every third reading of the canary is far below: worse in about two of three pairs.
    const mixed = pairs(45, (i) => [i % 3 === 0 ? 200 : 400 + i, 300 + i / 10])
    const surely = { ...byDefault, significance: 0.01 }
    expect(compareTracks(surely, mixed, minute)).toMatchObject({ verdict: 'not-worse' })
    expect(compareTracks({ ...surely, effect: 0.65 }, mixed, minute)).toMatchObject({ verdict: 'worse' })
    expect(compareTracks({ ...byDefault, effect: 0.65 }, mixed, minute)).toMatchObject({ verdict: 'not-worse' })
  })

  it('may be worse by what is tolerated', () => {
    const steady = (canary: number) => pairs(20, (i) => [canary + i / 100, 300 + i / 100])
    expect(compareTracks(byDefault, steady(325), minute).verdict).toBe('not-worse')
    expect(compareTracks(byDefault, steady(335), minute).verdict).toBe('worse')
    expect(compareTracks({ ...byDefault, tolerance: 0 }, steady(301), minute).verdict).toBe('worse')
  })

  it('is worse in the configured direction only', () => {
    const lower = { ...byDefault, worse: 'lower' } as const
    const half = pairs(12, (i) => [500 - i, 1000 - i])
    expect(compareTracks(lower, half, minute).verdict).toBe('worse')
    expect(compareTracks(byDefault, half, minute)).toMatchObject({ verdict: 'not-worse', effect: 0 })
    expect(
      compareTracks(
        lower,
        pairs(12, (i) => [905 - i / 100, 1000 - i / 100]),
        minute,
      ).verdict,
    ).toBe('not-worse')
  })

  it('counts only readings whose windows do not overlap', () => {
    const often = Array.from({ length: 60 }, (_, i) => ({ at: i * interval, canary: 400 + i, stable: 300 + i }))
    const found = compareTracks(byDefault, often, minute)
    expect(found.verdict).toBe('worse')
    expect(found.pairs.map((p) => p.at)).toEqual(Array.from({ length: 10 }, (_, i) => i * minute))
  })
})

describe('with noise as of response times', () => {
  /** Response times of one window: about 300 ms, a tenth more or less, now and then far more. */
  function noisy(seed: number) {
    const random = seededRandom(seed)
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    return (factor: number) => 300 * factor * Math.exp(0.1 * normal()) * (random() < 0.03 ? 3 : 1)
  }
  /** Of so many soaks of 45 windows, in how many was the canary ever found worse, asked after each window? */
  function alarms(soaks: number, factor: number): number {
    return Array.from({ length: soaks }, (_, soak) => {
      const next = noisy(soak + 1)
      const all = pairs(45, () => [next(factor), next(1)])
      return all.some((_, i) => compareTracks(byDefault, all.slice(0, i + 1), minute).verdict === 'worse')
    }).filter(Boolean).length
  }

  it('a canary that is as good as stable is found worse in none of 300 soaks, one at the tolerated edge in few', () => {
    expect(alarms(300, 1)).toBe(0)
    expect(alarms(300, 1.1)).toBeLessThanOrEqual(9)
  })

  it('a canary a third slower is found in nearly every soak', () => {
    expect(alarms(100, 1.35)).toBeGreaterThanOrEqual(95)
  })
})

/** One look each interval with windows of an interval, so that every one counts; a number is the canary's, stable has 300. */
function looks(...values: readonly (number | Value)[]): readonly Readings[] {
  return values.map((v, i) => ({
    at: i * interval,
    phase: 1,
    values: { p95: typeof v === 'number' ? { value: v, stable: 300 + i / 100 } : v },
  }))
}

describe('the verdict of a comparison', () => {
  const short = { ...unbounded, window: interval }
  const critical = metricWith({ critical: true }, short)
  const slow = Array.from({ length: 10 }, (_, i) => 400 + i)
  const fine = Array.from({ length: 10 }, (_, i) => 290 + i)

  it('of a critical metric is a confirmed breach, with the last readings as its row', () => {
    const verdict = judge(critical, looks(...slow), interval)
    expect(verdict).toMatchObject({ state: 'confirmed', onTarget: false, compared: { verdict: 'worse' } })
    expect(verdict.row).toEqual([
      { at: 70_000, value: 407 },
      { at: 80_000, value: 408 },
      { at: 90_000, value: 409 },
    ])
  })

  it('of one that is not critical misses its target and breaks nothing', () => {
    expect(judge(metricWith({}, short), looks(...slow), interval)).toMatchObject({
      state: 'off-target',
      onTarget: false,
      row: [],
    })
  })

  it('is good only once enough readings have said so: until then the target does not hold', () => {
    expect(judge(critical, looks(...fine.slice(1)), interval)).toMatchObject({ state: 'good', onTarget: false })
    expect(judge(critical, looks(...fine), interval)).toMatchObject({ state: 'good', onTarget: true, row: [] })
  })

  it('takes no number for a good one, and forgets nothing while numbers are missing', () => {
    expect(judge(critical, looks(...fine, missing()), interval).state).toBe('missing')
    expect(judge(critical, looks(...slow.slice(1), missing()), interval).state).toBe('missing')
    expect(judge(critical, looks(...slow.slice(1), missing(), 420), interval).state).toBe('confirmed')
    const infinite = { value: 400, stable: Number.POSITIVE_INFINITY }
    expect(judge(critical, looks(infinite), interval)).toMatchObject({
      state: 'missing',
      last: { missing: 'not-finite' },
    })
  })

  it('can have a missing number count as a breach', () => {
    const strict = metricWith({ critical: true }, { ...missingLeadsTo('breach', 'empty'), window: interval })
    expect(judge(strict, looks(...fine, missing(), missing()), interval).state).toBe('broken')
    expect(judge(strict, looks(...fine, missing(), missing(), missing()), interval)).toMatchObject({
      state: 'confirmed',
      row: [
        { at: 100_000, value: null },
        { at: 110_000, value: null },
        { at: 120_000, value: null },
      ],
    })
  })
})

it('the median is the middle, or half-way between the two in the middle', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([7]), median([])]).toEqual([2, 2.5, 7, Number.NaN])
})
