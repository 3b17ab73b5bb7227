import { describe, expect, test } from 'vitest'
import type { CheckSettings } from '../../src/config/config.ts'
import { imageOf } from '../../src/config/release-name.ts'
import { catalogue } from '../../src/readiness/catalogue.ts'
import { createReadiness } from '../../src/readiness/readiness.ts'
import type { Track } from '../../src/rollout/plan.ts'
import { createExamined } from './examine.ts'
import { readyPod } from './fake-snapshot.ts'

const query = 'the_figure{track="$stable"}'

/** What the checks of a rollout that is open find: stable has one ready pod of six, the canary all of them. */
async function recheck(stable: Track, canaryWeight: number) {
  const { world, cluster, outside } = createExamined()
  const canary = stable === 'blue' ? 'green' : 'blue'
  Object.assign(world.weights, { [canary]: canaryWeight, [stable]: 100 - canaryWeight })
  Object.assign(world.shown.sizes, { blue: 6, green: 6 })
  Object.assign(world.ready, { [canary]: 6, [stable]: 1 })
  cluster.pods = ['blue', 'green'].map((track) => {
    const pod = readyPod(`${track}-0`, world.time)
    pod.metadata = { ...pod.metadata, labels: { app: 'claude-enhancer', track } }
    return pod
  })
  const [restarted] = cluster.pods.filter((pod) => pod.metadata?.name === `${stable}-0`)
  const [container] = restarted?.status?.containerStatuses ?? []
  if (container !== undefined) container.state = { waiting: { reason: 'CrashLoopBackOff' } }
  const agents = catalogue.find((check) => check.name === 'agents-available')
  const asks: Record<string, CheckSettings> = agents ? { [agents.name]: agents.schema.parse({ query }) } : {}
  const readiness = { ...world.config.readiness, checks: { ...world.config.readiness.checks, ...asks } }
  const check = createReadiness({ ...world, config: { ...world.config, readiness } }, outside)
  const image = 'registry.example.com/claude-enhancer:5.1.0'
  const { findings } = await check({ id: 'id', version: '5.1.0', image, underWay: true, stable })
  return { findings: new Map(findings.map((finding) => [finding.check, finding])), queries: world.queries }
}

test.each([
  [5, '5.0.0', 'block', 'claude-enhancer-blue runs registry.example.com/claude-enhancer:5.0.0 already'],
  [5, '5.1.0', 'pass', 'claude-enhancer-blue runs registry.example.com/claude-enhancer:5.0.0'],
  [100, '5.1.0', 'block', 'claude-enhancer-green runs registry.example.com/claude-enhancer:5.1.0 already'],
  [100, '5.2.0', 'pass', 'claude-enhancer-green runs registry.example.com/claude-enhancer:5.1.0'],
])(
  'asked for with the canary at %i of 100, whether %s is new goes by what has the greater weight: %s',
  async (weight, version, result, found) => {
    const { world, outside } = createExamined()
    Object.assign(world.weights, { blue: 100 - weight, green: weight })
    world.shown.images.green = imageOf(world.config, { version: '5.1.0' })
    const check = createReadiness(
      world,
      outside,
      catalogue.filter(({ name }) => name === 'image-new'),
    )
    const { findings } = await check({ id: 'id', version, image: imageOf(world.config, { version }), stable: 'blue' })
    expect(findings).toMatchObject([{ result, found }])
  },
)

describe.each([
  ['blue', 50],
  ['green', 50],
  ['blue', 75],
  ['green', 75],
] as const)('while %s is stable and the canary has %i %%', (stable, weight) => {
  test("stable's pods are looked at, not the canary's", async () => {
    const { findings } = await recheck(stable, weight)
    expect(findings.get('stable-ready')).toMatchObject({
      result: 'block',
      found: `1 of 6 pods of claude-enhancer-${stable} are ready`,
    })
    expect(findings.get('restarts')).toMatchObject({
      result: 'warn',
      found: `${stable}-0: claude-enhancer keeps crashing`,
    })
  })

  test('queries are asked about it', async () => {
    const { queries } = await recheck(stable, weight)
    expect(queries).toContain(`the_figure{track="${stable}"}`)
  })
})
