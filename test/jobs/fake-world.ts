import { systemClock } from '../../src/clock.ts'
import type { Cluster, ClusterView, Sample } from '../../src/jobs/ports.ts'
import type { World } from '../../src/jobs/world.ts'
import { createRollouts } from '../../src/ledger/rollouts.ts'
import type { Readings } from '../../src/rollout/analysis.ts'
import type { Job } from '../../src/rollout/effects.ts'
import type { Track } from '../../src/rollout/plan.ts'
import { config, service } from '../rollout/drive.ts'
import { createMemoryLedger } from '../rollout/memory-ledger.ts'

/** A world in memory whose time, cluster and figures a test sets. */
export interface FakeWorld extends World {
  time: number
  readonly weights: Record<Track, number>
  readonly images: Record<Track, string>
  readonly ready: Record<Track, number>
  /** What Prometheus answers, by a word of the query; everything else is 61. */
  readonly samples: Map<string, Sample>
  /** What was written to the cluster, in order. */
  readonly writes: string[]
  readonly jobs: Job[]
}

export function createFakeWorld(): FakeWorld {
  const jobs: Job[] = []
  const kept = new Map<number, Readings[]>()
  const observed = new Map<string, number>()
  let ids = 0
  let heard: number | null = null
  const memory = createMemoryLedger()
  const rollouts = createRollouts(service, memory, async (_rollout, started) => void jobs.push(...started))
  const world: FakeWorld = {
    time: 1_000_000,
    weights: { blue: 100, green: 0 },
    images: { blue: 'registry.example.com/claude-enhancer:5.0.0', green: 'registry.example.com/claude-enhancer:4.9.0' },
    ready: { blue: 6, green: 0 },
    samples: new Map(),
    writes: [],
    jobs,
    config,
    clock: { now: () => world.time, wait: systemClock.wait },
    newId: () => `id-${++ids}`,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    rollouts,
    beside: {
      readings: async (rollout, phase) => (kept.get(rollout) ?? []).filter((r) => r.phase === phase),
      async record(rollout, soak, readings, counted) {
        kept.set(rollout, [...(kept.get(rollout) ?? []), readings])
        const sum = (observed.get(soak) ?? 0) + counted
        observed.set(soak, sum)
        return sum
      },
      observed: async (_rollout, soak) => observed.get(soak) ?? 0,
      async hear(at) {
        heard = at
      },
      heard: async () => heard,
    },
    cursors: {
      get: async () => ({ done: 0, begun: 0, begunAt: 0 }),
      begin: async () => undefined,
      finish: async () => undefined,
      note: async () => null,
      keep: async () => undefined,
    },
    leases: { take: async () => ({ renew: async () => true, release: async () => undefined }) },
    cluster: fakeCluster(() => world),
    async breakGlass(by) {
      world.writes.push(`break-glass ${by}`)
      const from = world.weights.green
      Object.assign(world.weights, { blue: 100, green: 0 })
      return { service, rollout: 1, stable: 'blue', from, to: 0, steps: [] }
    },
    metrics: {
      async query(promql) {
        for (const [word, sample] of world.samples) if (promql.includes(word)) return sample
        return { value: defaults.find(([word]) => promql.includes(word))?.[1] ?? 61, at: world.time }
      },
    },
    paging: { trigger: async () => ({ link: 'https://pagerduty.example.com/1' }), resolve: async () => undefined },
    reach: null,
  }
  return world
}

/** Good figures for every metric of the configuration, by a word of its query; the first that fits counts. */
const defaults: readonly (readonly [string, number])[] = [
  ['increase(workflows_total', 0],
  ['increase(http_requests', 60_000],
  ['code=~"5.."', 0.0002],
  ['histogram_quantile', 220],
  ['workflows_total', 1],
  ['http_requests_total', 1_200],
  ['agents_failed', 0],
  ['agents_available', 61],
  ['data_consistency', 1],
  ['cpu_', 0.4],
  ['memory_', 0.5],
  ['kube_deployment', 1],
]

function fakeCluster(world: () => FakeWorld): Cluster {
  const view = (): ClusterView => {
    const { weights, images, ready } = world()
    const track = (name: Track) => ({
      track: name,
      deployment: `claude-enhancer-${name}`,
      image: images[name],
      replicas: name === 'blue' ? 6 : ready.green,
      ready: ready[name],
      pods: ready[name],
      fence: null,
    })
    return { tracks: { blue: track('blue'), green: track('green') }, route: { weights: { ...weights }, mark: null } }
  }
  return {
    view: async () => view(),
    templateDifferences: async () => [],
    claim: async () => void world().writes.push('claim'),
    async size(track, { image, replicas }) {
      world().writes.push(`size ${track} ${replicas}`)
      if (image !== undefined) world().images[track] = image
      world().ready[track] = replicas
    },
    async shift(canary, weight) {
      world().writes.push(`shift ${weight}`)
      const from = world().weights[canary]
      Object.assign(world().weights, { green: weight, blue: 100 - weight })
      return { from, to: weight, steps: [{ name: 'write', ms: 1 }] }
    },
    async restore() {
      world().writes.push('restore')
      const from = world().weights.green
      Object.assign(world().weights, { blue: 100, green: 0 })
      return { from, to: 0, steps: [{ name: 'write', ms: 1 }] }
    },
    byHand: async () => 'kubectl patch …',
  }
}
