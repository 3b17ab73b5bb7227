import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { followed } from '../../src/rollout/convergence.ts'

const weights = fc.integer({ min: 1, max: 99 })

describe('requests follow a weight', () => {
  it('when they are shared as ordered, however many there are', () => {
    fc.assert(
      fc.property(weights, fc.integer({ min: 2_000, max: 1_000_000 }), (weight, all) => {
        const canary = Math.round((all * weight) / 100)
        expect(followed(weight, canary, all - canary).follow).toBe('yes')
      }),
    )
  })

  it('not when they are still shared as before, nor without a single one', () => {
    const phases = [0, 5, 20, 50, 100]
    for (const [index, weight] of phases.entries()) {
      for (const before of [phases[index - 1], phases[index + 1]].filter((one) => one !== undefined)) {
        const canary = 20_000 * (before / 100)
        expect([weight, before, followed(weight, canary, 20_000 - canary).follow]).toEqual([weight, before, 'no'])
      }
      if (weight > 0) expect(followed(weight, 0, 5_000).follow).toBe('no')
      if (weight < 100) expect(followed(weight, 5_000, 0).follow).toBe('no')
    }
  })

  it('is not to be told from a handful', () => {
    expect(followed(5, 0, 0)).toEqual({ follow: 'too-few', share: null })
    expect(followed(5, 5, 95).follow).toBe('too-few')
    expect(followed(5, 20, 380).follow).toBe('yes')
    expect(followed(100, 19, 0).follow).toBe('too-few')
    expect(followed(100, 20, 0).follow).toBe('yes')
  })

  it('with what chance makes of few, and a little left over from the moment of the change', () => {
    expect(followed(5, 32, 368).follow).toBe('yes')
    expect(followed(5, 2_000, 18_000).follow).toBe('no')
    expect(followed(100, 9_950, 50).follow).toBe('yes')
    expect(followed(100, 9_800, 200)).toEqual({ follow: 'no', share: 98 })
    expect(followed(0, 200, 9_800).follow).toBe('no')
  })
})
