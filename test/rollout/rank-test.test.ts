import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rankTest } from '../../src/rollout/rank-test.ts'

/**
 * Two samples of `m` and `n` values without ties whose U (pairs in which the first is larger) is `u`: the first sample's
 * values each climb over as many of the second's as are left to climb.
 */
function samplesWith(u: number, m: number, n: number): readonly [number[], number[]] {
  const second = Array.from({ length: n }, (_, i) => i + 1)
  let left = u
  const first = Array.from({ length: m }, (_, i) => {
    const over = Math.min(n, left)
    left -= over
    return over + 0.5 - i / (10 * m)
  })
  return [first, second]
}

/** One-sided p of a U at least this large, and one smaller. */
const tail = (u: number, m: number, n: number) => rankTest(...samplesWith(u, m, n)).p

/** Largest U that is still significant in a one-sided test: Mann and Whitney's table, by m, n and level. */
const critical: readonly (readonly [m: number, n: number, level: number, u: number])[] = [
  [3, 3, 0.05, 0],
  [5, 5, 0.05, 4],
  [6, 6, 0.05, 7],
  [7, 7, 0.05, 11],
  [8, 8, 0.05, 15],
  [9, 9, 0.05, 21],
  [10, 10, 0.05, 27],
  [15, 15, 0.05, 72],
  [20, 20, 0.05, 138],
  [5, 5, 0.025, 2],
  [8, 8, 0.025, 13],
  [10, 10, 0.025, 23],
  [20, 20, 0.025, 127],
  [5, 5, 0.01, 1],
  [10, 10, 0.01, 19],
  [20, 20, 0.01, 114],
  [5, 8, 0.05, 8],
  [8, 12, 0.025, 22],
]

describe('the rank test', () => {
  it.each(critical)('of %i and %i values is significant at %d up to U = %i', (m, n, level, u) => {
    // Symmetric: as likely as a U that is as far from the other end.
    expect(tail(m * n - u, m, n)).toBeLessThanOrEqual(level)
    expect(tail(m * n - u - 1, m, n)).toBeGreaterThan(level)
  })

  it('counts every order of small samples: 1 of 20 for three above three, 1 of 252 for five above five', () => {
    expect(rankTest([4, 5, 6], [1, 2, 3])).toEqual({ p: 1 / 20, superiority: 1 })
    expect(rankTest([6, 7, 8, 9, 10], [1, 2, 3, 4, 5]).p).toBeCloseTo(1 / 252, 12)
    expect(rankTest([1, 2, 3], [4, 5, 6])).toEqual({ p: 1, superiority: 0 })
  })

  it('takes the normal distribution where samples are large, close to what counting gives', () => {
    for (const u of [220, 250, 280, 300]) {
      const [first, second] = samplesWith(u, 20, 20)
      // A tie far from the middle leaves U as it is and has the normal distribution taken.
      const tied = rankTest([...first.slice(1), second[0] ?? 0], second)
      const untied = rankTest([...first.slice(1), (second[0] ?? 0) + 0.01], second)
      expect(Math.abs(tied.p - untied.p)).toBeLessThan(0.01)
    }
    const values = (from: number) => Array.from({ length: 40 }, (_, i) => from + i)
    // U = 1140 of 1600: z = (1140 - 800 - 0.5) / sqrt(1600 * 81 / 12), without ties, as these differ by a half.
    expect(rankTest(values(10.5), values(0)).p).toBeCloseTo(0.000_26, 4)
  })

  it('sees no difference where there is none', () => {
    expect(rankTest([1, 1, 1], [1, 1, 1])).toEqual({ p: 1, superiority: 0.5 })
    expect(rankTest([], [1, 2])).toEqual({ p: 1, superiority: 0.5 })
    expect(rankTest([1, 2], [])).toEqual({ p: 1, superiority: 0.5 })
  })

  const sample = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 30 })

  it('gives a probability and a share; the other way round the shares add up to 1', () => {
    fc.assert(
      fc.property(sample, sample, (first, second) => {
        const [one, other] = [rankTest(first, second), rankTest(second, first)]
        for (const { p } of [one, other]) expect(p >= 0 && p <= 1).toBe(true)
        expect(one.superiority + other.superiority).toBeCloseTo(1, 10)
        const larger = first.flatMap((x) => second.map((y) => (x > y ? 1 : x === y ? 0.5 : 0)))
        expect(one.superiority).toBeCloseTo(larger.reduce((sum: number, s) => sum + s, 0) / larger.length, 10)
      }),
    )
  })

  it('depends on the order of the values alone, and on no order within a sample', () => {
    fc.assert(
      fc.property(sample, sample, (first, second) => {
        const stretched = rankTest(
          first.map((x) => x ** 3 + 7),
          second.map((x) => x ** 3 + 7),
        )
        expect(stretched).toEqual(rankTest(first, second))
        const { p, superiority } = rankTest(first.toReversed(), second.toSorted())
        expect([p, superiority]).toEqual([rankTest(first, second).p, rankTest(first, second).superiority])
      }),
    )
  })
})
