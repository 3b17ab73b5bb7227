import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { loadConfig } from '../../src/config/load.ts'

const config = await loadConfig('deployment-config.yaml')
const { metrics, requestsQuery } = config.release
const hasPromtool = spawnSync('promtool', ['--version']).error === undefined
const folder = mkdtempSync(join(tmpdir(), 'slipway-promql-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A query as it is asked: canary green, stable blue, one minute. */
const asked = (query: string) =>
  query
    .replaceAll('$canary', 'green')
    .replaceAll('$stable', 'blue')
    .replaceAll('$track', 'green')
    .replaceAll('$window', '60s')

const queries = new Map([
  ...metrics.map(({ name, query }) => [name, asked(query)] as const),
  ['requests', asked(requestsQuery ?? '')] as const,
])

/** Runs `promtool CHECK FILE`; its words are the message when it isn't satisfied. */
function promtool(command: readonly string[], name: string, content: unknown): void {
  const file = join(folder, `${name}.yaml`)
  writeFileSync(file, stringify(content))
  const { status, stdout, stderr } = spawnSync('promtool', [...command, file], { encoding: 'utf8' })
  expect(status, `${stdout}\n${stderr}`).toBe(0)
}

/** A series that is scraped every 10 s for two minutes, growing by `step` from 0. */
const growing = (series: string, step: number) => ({ series, values: `0+${step}x12` })
const constant = (series: string, value: number) => ({ series, values: `${value}+0x12` })

const requests = 'http_requests_total{service="claude-enhancer",track="green",code='
const workflows = 'workflows_total{service="claude-enhancer",track="green",result='
const bucket = 'http_request_duration_seconds_bucket{service="claude-enhancer",track="green",le='
const up = 'up{job="claude-enhancer",instance='
const deployment = '{deployment="claude-enhancer-green"}'

/**
 * What an expression and its expected samples are for a value: promtool compares exactly, so values are rounded to
 * thousandths, and NaN, which equals nothing, is recognised by that.
 */
function expectation(query: string, value: number | null) {
  if (value === null) return { expr: query, exp_samples: [] }
  if (Number.isNaN(value)) return { expr: `(${query}) != bool (${query})`, exp_samples: [{ labels: '{}', value: 1 }] }
  return { expr: `round(1000 * (${query}))`, exp_samples: [{ labels: '{}', value: Math.round(1000 * value) }] }
}

/** What each query gives of these series, after two minutes unless told otherwise; null means no series at all. */
function gives(
  series: readonly { series: string; values: string }[],
  expected: Readonly<Record<string, number | null>>,
  at = '2m',
) {
  const tests = Object.entries(expected).map(([name, value]) => {
    const query = queries.get(name)
    if (query === undefined) throw new Error(`no such metric: ${name}`)
    return { ...expectation(query, value), eval_time: at }
  })
  promtool(['test', 'rules'], 'test', { tests: [{ interval: '10s', input_series: series, promql_expr_test: tests }] })
}

describe.skipIf(!hasPromtool)('the PromQL of the shipped file (needs promtool)', () => {
  it('is accepted by promtool', () => {
    const rules = [...queries].map(([name, expr]) => ({ record: name.replaceAll('-', '_'), expr }))
    promtool(['check', 'rules'], 'rules', { groups: [{ name: 'queries', rules }] })
  })

  it('gives a share of 0 while nothing has failed, though the failures have no series yet', () => {
    gives([constant(`${up}"a"}`, 1), growing(`${requests}"200"}`, 100), growing(`${workflows}"success"}`, 5)], {
      'error-rate': 0,
      'workflow-success': 1,
      'workflow-errors': 0,
    })
  })

  it('gives a success of 0 when everything fails', () => {
    gives([growing(`${workflows}"error"}`, 5)], { 'workflow-success': 0, 'workflow-errors': 30 })
  })

  it('gives no number at all when a source is away', () => {
    gives([], Object.fromEntries([...queries.keys()].map((name) => [name, null])))
  })

  it('gives no number when only the other track is there', () => {
    const blue = (series: string) => series.replace('green', 'blue')
    const others = [growing(blue(`${requests}"200"}`), 100), growing(blue(`${workflows}"error"}`), 5)]
    gives([constant(`${up}"a"}`, 1), ...others], {
      'error-rate': null,
      'workflow-success': null,
      'workflow-errors': null,
      requests: null,
      throughput: 10,
    })
  })

  it('gives NaN, which is no number, when there is no traffic', () => {
    const noTraffic = [growing(`${requests}"200"}`, 0), growing(`${requests}"500"}`, 0)]
    gives(noTraffic, { 'error-rate': Number.NaN, throughput: 0, requests: 0 })
  })

  it('adds up codes and pods to one series each', () => {
    gives(
      [
        growing(`${requests}"200",pod="a"}`, 95),
        growing(`${requests}"200",pod="b"}`, 100),
        growing(`${requests}"404",pod="b"}`, 3),
        growing(`${requests}"503",pod="a"}`, 2),
        growing(`${bucket}"0.2",pod="a"}`, 90),
        growing(`${bucket}"0.4",pod="a"}`, 100),
        growing(`${bucket}"+Inf",pod="a"}`, 100),
        growing(`${workflows}"success"}`, 3),
        growing(`${workflows}"error"}`, 1),
      ],
      { 'error-rate': 0.01, throughput: 20, requests: 1200, p95: 300, 'workflow-success': 0.75, 'workflow-errors': 6 },
    )
  })

  // The phase began at 65 s: the seventh scrape is the last before it.
  it.each<[string, string, string, number]>([
    ['from 0, though their first scrape finds 20', '1x12', '_x7 20x5', 20],
    ['from 0 between the scrapes around its beginning', '1x12', '0x6 20x5', 20],
    ['and none of those before', '1x12', '500x6 512x5', 12],
    ['also of a pod that begins in it', '_x7 1x5', '_x9 20x3', 20],
    ['through a restart of the pod', '1x12', '500x6 3x5', 3],
    ['through a restart that the scrapes find before its first error', '1x6 0 1x4', '500x6 stale _x2 4x2', 4],
    ['once when scrapes fail in between', '1x6 0x1 1x3', '500x6 stale _ 500x3', 0],
    ['also of a pod that is gone', '1x8 stale', '0x6 4x1 stale', 4],
  ])('counts the failed workflows of a phase %s', (_, scraped, errors, expected) => {
    const at = 'job="claude-enhancer",instance='
    gives(
      [
        { series: `${up}"a"}`, values: scraped },
        { series: `${workflows}"error",${at}"a"}`, values: errors },
        constant(`${up}"b"}`, 1),
        growing(`${workflows}"success",${at}"b"}`, 5),
      ],
      { 'workflow-errors': expected },
      '125s',
    )
  })

  it('takes the worst view of the whole service and the mean of the track’s pods', () => {
    const labels = 'service="claude-enhancer"'
    gives(
      [
        constant(`agents_available{${labels},pod="a"}`, 61),
        constant(`agents_available{${labels},pod="b"}`, 59),
        constant(`agents_failed{${labels},pod="a"}`, 0),
        constant(`agents_failed{${labels},pod="b"}`, 2),
        constant(`data_consistency_ratio{${labels}}`, 1),
        constant(`cpu_utilization_ratio{${labels},track="green",pod="a"}`, 0.5),
        constant(`cpu_utilization_ratio{${labels},track="green",pod="b"}`, 1),
        constant(`memory_utilization_ratio{${labels},track="green"}`, 0.5),
        constant(`kube_deployment_status_replicas_ready${deployment}`, 3),
        constant(`kube_deployment_spec_replicas${deployment}`, 4),
      ],
      {
        'agents-available': 59,
        'agents-failed': 2,
        'data-consistency': 1,
        cpu: 0.75,
        memory: 0.5,
        'pods-ready': 0.75,
      },
    )
  })
})
