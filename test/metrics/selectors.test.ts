import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { freshnessQuery } from '../../src/metrics/freshness.ts'
import { readsOf } from '../../src/metrics/selectors.ts'

const names = (query: string) =>
  readsOf(query)?.selectors.map(({ name, matchers, modifiers }) => `${name}{${matchers.join(',')}}${modifiers}`)

describe('readsOf', () => {
  test.each<[string, string[]]>([
    ['up', ['up{}']],
    ['up{job="a", code=~"5..|}"}', ['up{job="a",code=~"5..|}"}']],
    ['{__name__="up",}', ['{__name__="up"}']],
    ['sum by (le, pod) (rate(x_bucket[1m]))', ['x_bucket{}']],
    ['sum(rate(x[1m])) without (pod)', ['x{}']],
    ['histogram_quantile(0.95, sum by(le)(rate(x_bucket{a!="b"}[1m])))', ['x_bucket{a!="b"}']],
    ['a / on (pod) group_left (team) b', ['a{}', 'b{}']],
    ['a * ignoring(pod) group_right b', ['a{}', 'b{}']],
    ['a OR b unless c And vector(0)', ['a{}', 'b{}', 'c{}']],
    ['a > bool 1e-3', ['a{}']],
    ['a == Inf or b != NaN', ['a{}', 'b{}']],
    ['x offset 1h - x', ['x{} offset 1h', 'x{}']],
    ['x[5m] offset -5m', ['x{} offset -5m']],
    ['x @ 1700000000 + x @ start()', ['x{} @ 1700000000', 'x{} @ start()']],
    ['max_over_time(rate(x[1m])[1h:30s] offset 5m)', ['x{}']],
    ['count(x) # of y\n+ z', ['x{}', 'z{}']],
    ['label_replace(x, "a", "$1 y", "b", "(.*)")', ['x{}']],
    ["x{a='}', b=`{`}", ["x{a='}',b=`{`}"]],
    ['job:errors:ratio5m', ['job:errors:ratio5m{}']],
    ['time() - 5 * 60', []],
    ['', []],
  ])('%s', (query, selectors) => expect(names(query)).toEqual(selectors))

  test.each([
    ['x', 0],
    ['rate(x[1m]) / rate(y[90s])', 150_000],
    ['x[1h30m]', 5_400_000],
    ['max_over_time(rate(x[1m])[10m:30s])', 690_000],
    ['max_over_time(x[10m:])', 600_000],
    ['x[500ms] + y[2d1w]', 777_600_500],
    ['x[300]', 300_000],
  ])('%s reads %d ms of ranges', (query, ranges) => expect(readsOf(query)?.ranges).toBe(ranges))

  test.each(['x[5m + 1m]', 'x[foo]', 'x{a="b"'])('%s is not understood', (query) => {
    expect(readsOf(query)).toBeUndefined()
  })

  test('it comes to an end on any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab{}[]()",=@ \n:5m#`\\', 'offset', 'by') }), (text) => {
        const reads = readsOf(text)
        expect(reads === undefined || reads.ranges >= 0).toBe(true)
      }),
    )
  })
})

describe('freshnessQuery', () => {
  test('asks for what stopped: silent of late, not in all the time the query reads', () => {
    expect(freshnessQuery('rate(x{a="b"}[1m])', 30_000)).toEqual({
      sources: ['x{a="b"}'],
      promql:
        'label_replace(sum(absent_over_time(x{a="b"}[30s])) unless sum(absent_over_time(x{a="b"}[360s])), "source", "0", "", "")',
    })
  })

  test.each<[string, string[]]>([
    ['x{a="b",c="d"} / x{a="b"}', ['x{a="b"}']],
    ['x{c="d",a="b"} / x{a="b",c="d"}', ['x{c="d",a="b"}']],
    ['x + x + x', ['x']],
    ['x{a="b"} / x{a="c"}', ['x{a="b"}', 'x{a="c"}']],
    ['x{a="b"} / y', ['x{a="b"}', 'y']],
    ['x - x offset 1h', ['x', 'x']],
  ])('%s is judged by the widest selectors', (query, sources) => {
    expect(freshnessQuery(query, 30_000)?.sources).toEqual(sources)
  })

  test('nothing to ask where no samples are read', () => expect(freshnessQuery('vector(1)', 30_000)).toBeNull())
})

test.each(['sum by (le', 'by(', 'a on (b', 'ignoring('])('%s, never closed, does not hold the reader up', (query) => {
  expect(readsOf(query)?.ranges).toBe(0)
})
