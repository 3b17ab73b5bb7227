import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shareOf, splitFor } from '../../src/cluster/weights.ts'

const sums = fc.integer({ min: 1, max: 1_000 })
const percents = fc.integer({ min: 0, max: 100 })
const tracks = fc.constantFrom('blue', 'green')

describe('weights', () => {
  it('keep their sum, and are never negative', () => {
    fc.assert(
      fc.property(sums, tracks, percents, (sum, canary, weight) => {
        const { blue, green } = splitFor(sum, canary, weight)
        expect(blue + green).toBe(sum)
        expect(Math.min(blue, green)).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  it('give the canary no more than was signed for, but for the least there is', () => {
    fc.assert(
      fc.property(sums, percents, (sum, weight) => {
        const share = shareOf(sum, weight)
        expect(share <= Math.max(1, (sum * weight) / 100)).toBe(true)
        expect(share > 0).toBe(weight > 0)
      }),
    )
  })

  it('rise with the percentage, from nothing to everything', () => {
    fc.assert(
      fc.property(sums, fc.integer({ min: 0, max: 99 }), (sum, weight) => {
        expect(shareOf(sum, weight)).toBeLessThanOrEqual(shareOf(sum, weight + 1))
        expect([shareOf(sum, 0), shareOf(sum, 100)]).toEqual([0, sum])
      }),
    )
  })

  it('are the percentages themselves when the sum is 100', () => {
    fc.assert(
      fc.property(percents, (weight) => {
        expect(shareOf(100, weight)).toBe(weight)
      }),
    )
  })
})
