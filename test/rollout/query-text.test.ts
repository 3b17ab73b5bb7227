import { describe, expect, test } from 'vitest'
import { metricQuery, promDuration, requestsQuery } from '../../src/rollout/query.ts'
import { spec } from './drive.ts'

const tracks = { canary: 'green', stable: 'blue' } as const

/** A metric's query with this text, for a window of a minute. */
function bound(query: string): string {
  const [metric] = spec.metrics
  if (metric === undefined) throw new Error('the configuration has no metric')
  return metricQuery({ ...metric, query }, tracks, 60_000)
}

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

describe('a query', () => {
  test('fills in every occurrence', () => {
    const query = 'sum(rate(errors{track="$canary"}[$window])) - sum(rate(errors{track="$stable"}[$window]))'
    expect(bound(query)).toBe('sum(rate(errors{track="green"}[60s])) - sum(rate(errors{track="blue"}[60s]))')
  })

  test.each(['code=~"5..$"', '$canary_', '$canaries', '$track', '$$', '$1'])('leaves %s as it is', (query) => {
    expect(bound(query)).toBe(query)
  })

  test('a value is never read as a replacement pattern or bound again', () => {
    expect(bound('$$canary')).toBe('$green')
  })

  test('the request count knows the track and the window only', () => {
    const counted = { ...spec, requestsQuery: 'increase(requests{track="$track"}[$window]) $canary' }
    expect(requestsQuery(counted, 'blue', 500)).toBe('increase(requests{track="blue"}[1s]) $canary')
  })
})
