import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Metrics } from '../../src/jobs/ports.ts'
import { createPrometheus } from '../../src/metrics/prometheus.ts'
import { startTestPrometheus, type TestPrometheus } from './prometheus-server.ts'

const clock = { now: () => Date.now() }
const minute = 60_000

let prometheus: TestPrometheus
let metrics: Metrics

beforeAll(async () => {
  prometheus = await startTestPrometheus()
  metrics = createPrometheus({ url: prometheus.url, timeout: 20_000, clock })
})
afterAll(() => prometheus.close())

/** Waits until the query gives this. */
const gives = (promql: string, sample: object, staleAfter = minute) =>
  expect.poll(() => metrics.query(promql, staleAfter)).toEqual(sample)
const anyNumber = { value: expect.any(Number), at: expect.any(Number) }

/** Exposes the text and waits until the query gives a number. */
function seen(text: string, promql: string) {
  prometheus.expose(text)
  return gives(promql, anyNumber)
}
const stale = (detail: unknown) => ({ missing: 'stale', detail })

describe('one number', () => {
  test('of one series, with the time it was evaluated', async () => {
    const before = Date.now() - 1_000
    await seen('one_series 0.25\n', 'one_series')
    const sample = await metrics.query('one_series', minute)
    expect(sample).toEqual({ value: 0.25, at: expect.any(Number) })
    expect('at' in sample && sample.at > before && sample.at < Date.now() + 1_000).toBe(true)
  })

  test.each([
    ['3', 3],
    ['scalar(vector(1.5))', 1.5],
    ['vector(-2e3)', -2000],
    ['max_over_time(vector(4)[10s:1s])', 4],
  ])('%s', async (promql, value) => {
    expect(await metrics.query(promql, minute)).toEqual({ value, at: expect.any(Number) })
  })

  test('a query longer than any URL may be', async () => {
    const promql = `vector(1)${' + vector(1)'.repeat(2_000)}`
    expect(await metrics.query(promql, minute)).toMatchObject({ value: 2_001 })
  })
})

describe('missing', () => {
  test('empty', async () => {
    expect(await metrics.query('no_such_series', minute)).toEqual({ missing: 'empty', detail: 'no series' })
  })

  test.each(['vector(0) / 0', 'vector(1) / 0', '-1 / vector(0)', 'scalar(no_such_series)', '1 / 0'])(
    'not finite: %s',
    async (promql) => {
      expect(await metrics.query(promql, minute)).toMatchObject({ missing: 'not-finite' })
    },
  )

  test('two series are named', async () => {
    prometheus.expose('pods{pod="a"} 1\npods{pod="b"} 1\n')
    const detail = expect.stringMatching(/^2 series: pods\{.*pod="a"\}, pods\{.*pod="b"\}$/)
    await gives('pods', { missing: 'several-series', detail })
  })

  test('of five series three are named', async () => {
    const lines = ['a', 'b', 'c', 'd', 'e'].map((pod) => `five_pods{pod="${pod}"} 1\n`).join('')
    await seen(lines, 'count(five_pods) == 5')
    const sample = await metrics.query('sum by (pod) (five_pods)', minute)
    expect(sample).toEqual({
      missing: 'several-series',
      detail: '5 series: {pod="a"}, {pod="b"}, {pod="c"} and 2 more',
    })
  })

  test.each([
    ['sum(', 'status 400, bad_data'],
    ['one_series[5m]', 'the query gives a matrix'],
    ['"words"', 'the query gives a string'],
  ])('failed: %s', async (promql, detail) => {
    expect(await metrics.query(promql, minute)).toEqual({ missing: 'failed', detail, refused: true })
  })
})

describe('stale', () => {
  test('a rate goes on after the scrapes fail, but is not taken for fresh', async () => {
    let count = 0
    const promql = 'sum(rate(served_total[5m]))'
    const served = () => {
      count += 10
      prometheus.expose(`served_total ${count}\n`)
      return metrics.query(promql, 4_000)
    }
    await expect.poll(served).toEqual(anyNumber)
    prometheus.expose(null)
    await gives(promql, stale('nothing newer than 4 s from served_total'), 4_000)
    expect(await metrics.query(promql, 5 * minute)).toEqual(anyNumber)
  })

  test('a source that stopped is not hidden by a default', async () => {
    const promql = 'sum(failures{code=~"5.."}) or vector(0)'
    await seen('failures{code="500"} 7\n', 'sum(failures) == 7')
    prometheus.expose(null)
    await gives(promql, stale('nothing newer than 3 s from failures{code=~"5.."}'), 3_000)
  })

  test('a source that never was leaves the default standing', async () => {
    expect(await metrics.query('sum(never_was{code="500"}) or vector(0)', 3_000)).toMatchObject({ value: 0 })
  })

  test('a failing pod that is gone does not make the ratio stale while others answer', async () => {
    const all = 'calls{track="green"}'
    const promql = `(sum(last_over_time(calls{track="green",code="500"}[5m])) or vector(0)) / sum(last_over_time(${all}[5m]))`
    await seen('calls{track="green",code="500"} 1\ncalls{track="green",code="200"} 3\n', `count(${all}) == 2`)
    prometheus.expose('calls{track="green",code="200"} 3\n')
    const onlyOldFailures = 'sum(last_over_time(calls{track="green",code="500"}[5m]))'
    await gives(onlyOldFailures, stale('nothing newer than 3 s from calls{track="green",code="500"}'), 3_000)
    await gives(promql, { value: 0.25, at: expect.any(Number) }, 3_000)
  })

  test('one side of a comparison stopped', async () => {
    const promql = 'max_over_time(side{track="green"}[5m]) / ignoring(track) max_over_time(side{track="blue"}[5m])'
    await seen('side{track="green"} 2\nside{track="blue"} 1\n', promql)
    prometheus.expose('side{track="green"} 2\n')
    await gives(promql, stale('nothing newer than 3 s from side{track="blue"}'), 3_000)
  })

  test('a subquery over old samples', async () => {
    const promql = 'max_over_time(sum(old_work)[5m:1s])'
    await seen('old_work 5\n', promql)
    prometheus.expose(null)
    await gives(promql, stale(expect.any(String)), 3_000)
  })

  test("a target's own old time stamps", async () => {
    const promql = 'with_time_stamp'
    prometheus.expose(`with_time_stamp 1 ${Date.now() - 30_000}\n`)
    await gives(promql, stale('nothing newer than 20 s from with_time_stamp'), 20_000)
  })

  test('an answer from another time', async () => {
    const ahead = createPrometheus({
      url: prometheus.url,
      timeout: 20_000,
      clock: { now: () => Date.now() + 10 * minute },
    })
    expect(await ahead.query('vector(1)', minute)).toEqual({
      missing: 'stale',
      detail: expect.stringMatching(/^Prometheus's clock and ours are 6[0-5]\d s apart$/),
    })
  })
})
