import { expect, test } from 'vitest'
import type { Config } from '../../src/config/config.ts'
import { catalogue } from '../../src/readiness/catalogue.ts'
import type { ReadinessReport } from '../../src/readiness/report.ts'
import { answerWish } from '../../src/slack/answer-wish.ts'
import { createExamined } from '../readiness/examine.ts'
import { holderOf } from '../rollout/drive.ts'
import { quietDesk } from './quiet-desk.ts'

/** A start on a report, after this change of the configuration; `kept`: the report as it is read again. */
async function start(change: (config: Config) => Config, kept = (report: ReadinessReport) => report) {
  const examined = createExamined()
  const report = await examined.report(catalogue.filter(({ name }) => name === 'api-server'))
  const world = { ...examined.world, config: change(examined.world.config) }
  const desk = quietDesk(world)
  const { id, name } = holderOf('commander')
  return answerWish(
    { ...desk, reports: { ...desk.reports, find: async () => kept(report) } },
    { id: 'w1', at: world.time, user: { id, name }, ask: { kind: 'start', version: '5.1.0' } },
  )
}

test('a report allows a start under the configuration that it was made under', async () => {
  expect(await start((config) => structuredClone(config))).toMatchObject({ rollout: 1 })
})

const freeze = { title: 'Winter', zone: 'UTC', every: 'dated', from: 1e12, to: 2e12 } as const

test.each<[string, (config: Config) => Config]>([
  ['Prometheus', (config) => ({ ...config, prometheus: { ...config.prometheus, url: 'http://another:9090' } })],
  ['who may pause', (config) => ({ ...config, permissions: { ...config.permissions, pause: ['sre'] } })],
  ['a freeze that is to come', (config) => ({ ...config, freezes: [freeze] })],
])('it does so, too, after a change of what it does not go by: %s', async (_, change) => {
  expect(await start(change)).toMatchObject({ rollout: 1 })
})

test('one that an earlier Slipway made, which told no configuration, allows none', async () => {
  const earlier = ({ configuration, ...report }: ReadinessReport) => report
  expect(await start((config) => config, earlier)).toMatchObject({ refused: 'report-other-configuration' })
})

test.each<[string, (config: Config) => Config]>([
  ['the mode', (config) => ({ ...config, mode: 'observe' })],
  [
    'a metric',
    ({ release, ...config }) => {
      const [first, ...rest] = release.metrics
      if (first === undefined) throw new Error('no metrics')
      return { ...config, release: { ...release, metrics: [{ ...first, query: 'up' }, ...rest] } }
    },
  ],
  [
    'a severity',
    ({ readiness, ...config }) => {
      const checks = { ...readiness.checks, 'non-root': { severity: 'block', unknown: 'block' } } as const
      return { ...config, readiness: { ...readiness, checks } }
    },
  ],
  ['a role', (config) => ({ ...config, roles: { ...config.roles, sre: { title: 'SRE', groups: [], users: ['U1'] } } })],
  ['the cluster', (config) => ({ ...config, cluster: { ...config.cluster, namespace: 'another' } })],
])('a report that was made before a change of %s allows none, and says what to do', async (_, change) => {
  expect(await start(change)).toMatchObject({
    refused: 'report-other-configuration',
    text: expect.stringMatching(/The configuration has changed .* Run `\/deploy readiness 5\.1\.0` again/),
  })
})
