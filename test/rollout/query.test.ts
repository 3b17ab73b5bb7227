import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canarySize } from '../../src/rollout/plan.ts'
import { metricQuery, requestsQuery, windowOf } from '../../src/rollout/query.ts'
import { spec } from './drive.ts'
import { latency } from './readings.ts'

const tracks = { canary: 'green', stable: 'blue' } as const
const second = 1_000
const minute = 60_000

describe('the window', () => {
  it('is the metric’s once the phase has run that long, else as long as the phase has run', () => {
    expect(windowOf(latency, 10 * minute)).toBe(minute)
    expect(windowOf(latency, 20 * second)).toBe(20 * second)
    expect(windowOf({ ...latency, window: 'phase' }, 20 * minute)).toBe(20 * minute)
  })

  it('is never longer than the phase has run, for any metric', () => {
    const window = fc.oneof(fc.integer({ min: 1, max: 1e8 }), fc.constant('phase' as const))
    fc.assert(
      fc.property(window, fc.nat(1e8), (w, ran) => {
        const chosen = windowOf({ ...latency, window: w }, ran)
        expect(chosen).toBeLessThanOrEqual(ran)
        expect(chosen).toBe(w === 'phase' ? ran : Math.min(w, ran))
      }),
    )
  })

  it('is written as PromQL reads it, in whole seconds where they are, and never below one', () => {
    const written = (ms: number) => requestsQuery({ ...spec, requestsQuery: '[$window]' }, 'blue', ms)
    expect(written(minute)).toBe('[60s]')
    expect(written(1_500)).toBe('[1500ms]')
    expect(written(1_234.6)).toBe('[1235ms]')
    expect(written(0)).toBe('[1s]')
  })
})

describe('a query', () => {
  it('gets its tracks and its window, each wherever it stands', () => {
    const query = 'a{t="$canary"}[$window] / b{t="$stable"}[$window] + c{d="x-$canary"}'
    expect(metricQuery({ ...latency, query }, tracks, minute)).toBe(
      'a{t="green"}[60s] / b{t="blue"}[60s] + c{d="x-green"}',
    )
    const turned = { canary: 'blue', stable: 'green' } as const
    expect(metricQuery(latency, turned, minute)).toBe('latency{track="blue"}[60s]')
  })

  it('keeps any other $ as it stands', () => {
    for (const rest of ['$track', '$canary_size', '$windows', '$1', '$&', '$$', 'x=~"a$"', '$constructor'])
      expect(metricQuery({ ...latency, query: rest }, tracks, minute)).toBe(rest)
  })

  it('of requests gets its track', () => {
    expect(requestsQuery(spec, 'green', 30 * second)).toBe(
      'sum(increase(http_requests_total{service="claude-enhancer",track="green"}[30s]))',
    )
  })

  it('has nothing left to fill in, for every metric of the release', () => {
    for (const metric of spec.metrics)
      expect(metricQuery(metric, tracks, windowOf(metric, 10 * minute))).not.toMatch(/\$/)
  })
})

describe('the canary’s size', () => {
  const [first, , warm, last] = spec.phases
  if (first === undefined || warm === undefined || last === undefined) throw new Error('four phases wanted')

  it('is its share with headroom, full where the phase says so', () => {
    expect([10, 40, 100].map((stable) => canarySize(first, stable, 1.5))).toEqual([1, 3, 8])
    expect(canarySize(warm, 10, 1.5)).toBe(10)
    expect(canarySize(last, 10, 1.5)).toBe(10)
  })

  it('is at least one pod, and never more than stable has', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.nat(500),
        fc.double({ min: 1, max: 5, noNaN: true }),
        (w, n, h) => {
          const size = canarySize({ ...first, weight: w }, n, h)
          expect(size).toBeGreaterThanOrEqual(1)
          expect(size).toBeLessThanOrEqual(Math.max(1, n))
          expect(size * 100).toBeGreaterThanOrEqual(n * w)
        },
      ),
    )
  })
})
