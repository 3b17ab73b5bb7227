import { systemClock } from '../../src/clock.ts'
import { SlipwayError } from '../../src/errors.ts'
import { holdsAt } from '../../src/jobs/holds.ts'
import type { Change, Page, Sample } from '../../src/jobs/ports.ts'
import type { ActingWorld } from '../../src/jobs/world.ts'
import { createRollouts } from '../../src/ledger/rollouts.ts'
import type { Readings } from '../../src/rollout/analysis.ts'
import type { Job } from '../../src/rollout/effects.ts'
import { createMemoryLocks, type LockData } from '../ledger/memory-locks.ts'
import { createMemoryRecord, type RecordData } from '../ledger/memory-record.ts'
import { config, service } from '../rollout/drive.ts'
import { createMemoryLedger, type MemoryLedger } from '../rollout/memory-ledger.ts'
import { createFakeCluster, type FakeCluster } from './fake-cluster.ts'
import { createFakePeople, type FakePeople } from './fake-people.ts'
import { createMemoryCursors } from './memory-cursors.ts'

/** A world in memory whose time, cluster and figures a test sets. */
export interface FakeWorld extends ActingWorld, Pick<FakeCluster, 'weights' | 'images' | 'ready' | 'writes'> {
  time: number
  /** Who holds which role: by the configuration, until a test says otherwise. */
  readonly people: FakePeople
  /** The cluster, as it stands. */
  readonly shown: FakeCluster
  readonly memory: MemoryLedger
  /** What Prometheus answers, by a word of the query; everything else is 61. */
  readonly samples: Map<string, Sample>
  /** What Prometheus was asked. */
  readonly queries: string[]
  readonly jobs: Job[]
  /** Pages as sent, in order, and the keys that were resolved. */
  readonly pages: Page[]
  readonly resolved: string[]
  readonly changes: Change[]
  /** What break-glass does when stable has no ready pod, as it was asked. */
  readonly whenEmpty: string[]
  /** What the log holds of the gravest kind. */
  readonly errors: string[]
  /** PagerDuty does not answer, as long as it is set. */
  pagerAway: boolean
}

export function createFakeWorld(): FakeWorld {
  const jobs: Job[] = []
  const kept = new Map<number, Readings[]>()
  const observed = new Map<string, number>()
  const alerts = new Map<string, { title: string; at: number }>()
  let ids = 0
  let heard: number | null = null
  const memory = createMemoryLedger()
  const onRecord: RecordData & LockData = { record: [], lock: null }
  const rollouts = createRollouts(
    service,
    memory,
    async (_rollout, started) => void jobs.push(...started),
    (at) => holdsAt(world, at),
  )
  const { cluster, shown } = createFakeCluster(service, () => world.time)
  const world: FakeWorld = {
    weights: shown.weights,
    images: shown.images,
    ready: shown.ready,
    writes: shown.writes,
    shown,
    memory,
    time: 1_000_000,
    samples: new Map(),
    queries: [],
    jobs,
    pages: [],
    resolved: [],
    changes: [],
    whenEmpty: [],
    errors: [],
    pagerAway: false,
    config,
    clock: { now: () => world.time, wait: systemClock.wait },
    newId: () => `id-${++ids}`,
    log: { info: () => undefined, warn: () => undefined, error: (_, message) => void world.errors.push(message) },
    rollouts,
    record: createMemoryRecord(service, () => onRecord),
    locks: createMemoryLocks(() => onRecord),
    beside: {
      readings: async (rollout, phase) => (kept.get(rollout) ?? []).filter((r) => r.phase === phase),
      async record(rollout, soak, readings, counted) {
        kept.set(rollout, [...(kept.get(rollout) ?? []), readings])
        const sum = (observed.get(soak) ?? 0) + counted
        observed.set(soak, sum)
        return sum
      },
      observed: async (_rollout, soak) => observed.get(soak) ?? 0,
      async alert(_rollout, title, fingerprint, at) {
        if (memory.away) throw new SlipwayError('ledger-unavailable', { after: 1_000 })
        if (at === null) alerts.delete(`${title} ${fingerprint}`)
        else alerts.set(`${title} ${fingerprint}`, { title, at })
      },
      async alertFired(_rollout, of) {
        const fired = [...alerts.values()].filter(({ title }) => of === undefined || title === of)
        return fired.length === 0 ? null : Math.max(...fired.map(({ at }) => at))
      },
      async hear(at) {
        heard = at
      },
      heard: async () => heard,
    },
    cursors: createMemoryCursors(async (rollout) => (await rollouts.history(rollout)).length),
    leases: { take: async () => ({ renew: async () => true, release: async () => undefined }) },
    pace: { take: async () => 0, hold: async () => undefined },
    cluster,
    async breakGlass(by, whenEmpty) {
      if (shown.failing !== null) throw shown.failing
      world.whenEmpty.push(whenEmpty)
      world.writes.push(`break-glass ${by}`)
      const from = shown.weights.green
      Object.assign(shown.weights, { blue: 100, green: 0 })
      if (shown.mark !== null) shown.mark = { ...shown.mark, closed: true, by, at: new Date(world.time).toISOString() }
      return { service, rollout: shown.mark?.rollout ?? 1, stable: 'blue', from, to: 0, steps: [] }
    },
    metrics: {
      async query(promql) {
        world.queries.push(promql)
        for (const [word, sample] of world.samples) if (promql.includes(word)) return sample
        const counted = /^sum\(increase\(http_requests_total\{.*track="(blue|green)"/.exec(promql)?.[1]
        if (counted === 'blue' || counted === 'green') return { value: 600 * shown.weights[counted], at: world.time }
        return { value: defaults.find(([word]) => promql.includes(word))?.[1] ?? 61, at: world.time }
      },
    },
    paging: {
      async trigger(page) {
        if (world.pagerAway) throw new SlipwayError('paging-unreachable', {})
        world.pages.push(page)
        return { link: `https://pagerduty.example.com/${page.key}` }
      },
      async resolve(key) {
        world.resolved.push(key)
      },
      async change(change) {
        if (world.pagerAway) throw new SlipwayError('paging-unreachable', {})
        world.changes.push(change)
      },
    },
    people: createFakePeople(() => world.config.roles),
    reach: null,
  }
  return world
}

/** Good figures for every metric of the configuration, by a word of its query; the first that fits counts. */
const defaults: readonly (readonly [string, number])[] = [
  ['result="error"', 0],
  ['agents_by_version', 0],
  ['workflows_stuck', 0],
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
