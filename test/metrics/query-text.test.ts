import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bindQuery, bindRequestsQuery, promDuration } from '../../src/metrics/query-text.ts'

const tracks = { canary: 'green', stable: 'blue', window: 60_000 }

test.each([
  [60_000, '60s'],
  [1_500, '1500ms'],
  [1_000, '1s'],
  [999, '1s'],
  [0, '1s'],
  [-5, '1s'],
  [1_800_000, '1800s'],
  [60_000.4, '60001ms'],
])('%d ms is %s', (ms, text) => expect(promDuration(ms)).toBe(text))

describe('bindQuery', () => {
  test('fills in every occurrence', () => {
    const query = 'sum(rate(errors{track="$canary"}[$window])) - sum(rate(errors{track="$stable"}[$window]))'
    expect(bindQuery(query, tracks)).toBe(
      'sum(rate(errors{track="green"}[60s])) - sum(rate(errors{track="blue"}[60s]))',
    )
  })

  test.each(['code=~"5..$"', '$canary_', '$canaries', '$track', '$$', '$1'])('leaves %s as it is', (query) => {
    expect(bindQuery(query, tracks)).toBe(query)
  })

  test('a value is never read as a replacement pattern or bound again', () => {
    expect(bindQuery('$$canary', tracks)).toBe('$green')
  })

  test('the request count knows the track and the window only', () => {
    expect(
      bindRequestsQuery('increase(requests{track="$track"}[$window]) $canary', { track: 'blue', window: 500 }),
    ).toBe('increase(requests{track="blue"}[1s]) $canary')
  })

  test('no name gets out of its quotes', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        fc.pre(!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i.test(name))
        expect(() => bindQuery('x{track="$canary"}', { ...tracks, canary: name })).toThrow("can't name a track")
        expect(() => bindRequestsQuery('x', { track: name, window: 1 })).toThrow("can't name a track")
      }),
    )
  })
})
