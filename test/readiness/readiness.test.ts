import { beforeEach, expect, test } from 'vitest'
import { checkReadiness } from '../../src/readiness/readiness.ts'
import { createFakeWorld, type FakeWorld } from '../jobs/fake-world.ts'

let world: FakeWorld
beforeEach(() => {
  world = createFakeWorld()
})

async function blocks(version = '5.1.0') {
  const report = await checkReadiness(world, 'id', version)
  return {
    judgement: report.judgement,
    blocks: report.findings.filter((f) => f.result === 'block').map((f) => `${f.name}: ${f.found}`),
  }
}

test('a healthy world is ready, with every check passed and a number for every metric', async () => {
  const report = await checkReadiness(world, 'id', '5.1.0')
  expect(report.findings.filter((f) => f.result !== 'pass')).toEqual([])
  expect(report.findings.filter((f) => f.category === 'monitoring')).toHaveLength(world.config.release.metrics.length)
  expect(report.judgement).toBe('ready')
  expect(report.validUntil - report.at).toBe(world.config.readiness.validFor)
})

test('weights other than 100/0 block', async () => {
  Object.assign(world.weights, { blue: 80, green: 20 })
  expect((await blocks()).blocks).toEqual([expect.stringContaining('Weights are 100/0: blue 80 %, green 20 %')])
})

test('stable that is not fully ready blocks', async () => {
  world.ready.blue = 5
  expect((await blocks()).blocks).toEqual([expect.stringContaining('5 of 6 pods')])
})

test('the version that already runs blocks', async () => {
  expect((await blocks('5.0.0')).blocks).toEqual([expect.stringContaining('already runs')])
})

test('templates that differ block, with the places', async () => {
  world.cluster.templateDifferences = async () => ['/spec/containers/0/env']
  expect((await blocks()).blocks).toEqual([expect.stringContaining('/spec/containers/0/env')])
})

test('a metric without a number blocks, with the reason', async () => {
  world.samples.set('histogram_quantile', { missing: 'stale', detail: '5 min old' })
  expect((await blocks()).blocks).toEqual([
    expect.stringContaining('P95 response time has a number: no number (stale: 5 min old)'),
  ])
})

test('a cluster that does not answer blocks every check that needs it, and none passes', async () => {
  world.cluster.view = async () => Promise.reject(new Error('ECONNREFUSED 10.0.0.1'))
  const { judgement, blocks: blocked } = await blocks()
  expect(judgement).toBe('not-ready')
  expect(blocked.length).toBeGreaterThan(4)
  expect(blocked.join()).not.toContain('10.0.0.1')
})
