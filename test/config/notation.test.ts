import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { durationText, overlap, parseDuration, parseRatio, parseThreshold } from '../../src/config/notation.ts'

describe('durations', () => {
  it.each([
    ['500ms', 500],
    ['10s', 10_000],
    ['30m', 1_800_000],
    ['1h', 3_600_000],
    ['2d', 172_800_000],
    ['0s', 0],
  ])('%s is %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms))

  it.each(['', '10', 's', '1.5h', '-1s', '1 h', ' 1h', '1h30m', '1w', '1H', '10s\n'])('%j is none', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  )

  it('are the same after writing and reading', () => {
    fc.assert(fc.property(fc.nat(), (ms) => parseDuration(durationText(ms)) === ms))
  })

  it('are written in the largest whole unit', () => {
    expect([1_800_000, 90_000, 1_500, 86_400_000, 0].map(durationText)).toEqual(['30m', '90s', '1500ms', '1d', '0ms'])
  })
})

describe('ratios', () => {
  it.each([
    ['0.5%', 0.005],
    ['0.1%', 0.001],
    ['99.9%', 0.999],
    ['80%', 0.8],
    ['100%', 1],
    ['0%', 0],
  ])('%s is %d', (text, ratio) => expect(parseRatio(text)).toBe(ratio))

  it.each(['', '5', '%', '-1%', '.5%', '5 %', '1e2%'])('%j is none', (text) => expect(parseRatio(text)).toBeUndefined())

  it('are the number nearest to what was written', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(999), (whole, thousandths) => {
        const digits = String(thousandths).padStart(3, '0')
        const nearest = Number(`${whole * 1000 + thousandths}e-5`)
        expect(parseRatio(`${whole}.${digits}%`)).toBe(nearest)
      }),
    )
  })
})

describe('thresholds', () => {
  it.each([
    ['< 500ms', '<', 500, 'milliseconds'],
    ['<= 1.5s', '<=', 1_500, 'milliseconds'],
    ['> 0.5%', '>', 0.005, 'ratio'],
    ['>= 60', '>=', 60, 'count'],
    ['>= 1000/s', '>=', 1_000, 'per-second'],
    ['>10', '>', 10, 'count'],
  ])('%s', (text, op, value, unit) => expect(parseThreshold(text)).toEqual({ op, value, unit, text }))

  it.each(['', '500ms', '= 5', '< ', '< 5m', '< -5', '<  5', '< 5 ms', '5 <', '=< 5', '< 5ms '])('%j is none', (text) =>
    expect(parseThreshold(text)).toBeUndefined(),
  )

  it('keep the value and operator that were written', () => {
    const op = fc.constantFrom('<', '<=', '>', '>=')
    fc.assert(
      fc.property(op, fc.nat(), (written, value) => {
        expect(parseThreshold(`${written} ${value}`)).toMatchObject({ op: written, value, unit: 'count' })
      }),
    )
  })
})

describe('overlap of a target and a limit', () => {
  const threshold = fc.record({
    op: fc.constantFrom('<' as const, '<=' as const, '>' as const, '>=' as const),
    value: fc.integer({ min: 0, max: 6 }),
    text: fc.constant(''),
  })
  const holds = (op: string, a: number, b: number) =>
    op === '<' ? a < b : op === '<=' ? a <= b : op === '>' ? a > b : a >= b

  it('says whether some value satisfies both', () => {
    // Halves around every bound are enough to find one, as bounds are whole numbers.
    const values = Array.from({ length: 18 }, (_, index) => index / 2 - 1)
    fc.assert(
      fc.property(threshold, threshold, (target, limit) => {
        const both = values.some((v) => holds(target.op, v, target.value) && holds(limit.op, v, limit.value))
        expect(overlap(target, limit)).toBe(both)
      }),
    )
  })
})
