import { refuseOlder, refuseUnknown } from '../../src/cluster/fence.ts'
import { SlipwayError } from '../../src/errors.ts'
import type { Cluster, ClusterView, Fence, GitOps, Mark, PodProblem } from '../../src/jobs/ports.ts'
import type { Track } from '../../src/rollout/plan.ts'

/** A cluster in memory that a test sets and reads; fences are kept as in the real one. */
export interface FakeCluster {
  readonly weights: Record<Track, number>
  readonly images: Record<Track, string>
  readonly sizes: Record<Track, number>
  /** Other routes that send to a track. */
  readonly others: Record<Track, readonly string[]>
  readonly ready: Record<Track, number>
  /** Ready pods of any image, where they are others than those. */
  readonly serving: Partial<Record<Track, number>>
  /** Ready pods of another image. */
  readonly oldReady: Record<Track, number>
  readonly fences: Record<Track, Fence | null>
  mark: Mark | null
  /** Who wrote what last. */
  readonly managers: { route?: string; blue?: string; green?: string }
  /** What every call fails with, as long as it is set. */
  failing: Error | null
  /** What the pods of a track say they run. */
  readonly imageIds: Record<Track, readonly string[]>
  /** A pod of a track that fails. */
  readonly troubles: Partial<Record<Track, PodProblem>>
  /** Are new pods ready at once? */
  readyAfterSize: boolean
  /** What a container that ended had written. */
  log: readonly string[]
  /** Autoscalers by name: their minimum now, and their own where that is another. */
  readonly autoscalers: Record<string, { track: Track; minimum: number; maximum: number; own?: number; fence?: Fence }>
  /** Where quotas leave no room. */
  quotas: readonly string[]
  /** What keeps weights from doing what they say. */
  problems: readonly SlipwayError[]
  /** What manages the same objects from Git. */
  gitOps: readonly GitOps[]
  /** What was written, in order. */
  readonly writes: string[]
}

const image = (version: string) => `registry.example.com/claude-enhancer:${version}`

export function createFakeCluster(service: string, now: () => number): { cluster: Cluster; shown: FakeCluster } {
  const shown: FakeCluster = {
    weights: { blue: 100, green: 0 },
    images: { blue: image('5.0.0'), green: image('4.9.0') },
    sizes: { blue: 6, green: 0 },
    others: { blue: [], green: [] },
    ready: { blue: 6, green: 0 },
    serving: {},
    oldReady: { blue: 0, green: 0 },
    fences: { blue: null, green: null },
    mark: null,
    managers: {},
    failing: null,
    imageIds: { blue: [], green: [] },
    troubles: {},
    readyAfterSize: true,
    log: [],
    autoscalers: {},
    quotas: [],
    problems: [],
    gitOps: [],
    writes: [],
  }

  function reach(): void {
    if (shown.failing !== null) throw shown.failing
  }

  function track(name: Track): ClusterView['tracks'][Track] {
    const { images, sizes, ready, fences, managers, troubles } = shown
    const [manager, problem] = [managers[name], troubles[name]]
    return {
      track: name,
      deployment: `claude-enhancer-${name}`,
      image: images[name],
      replicas: sizes[name],
      ready: ready[name],
      serving: shown.serving[name] ?? ready[name],
      oldReady: shown.oldReady[name],
      pods: ready[name],
      imageIds: shown.imageIds[name],
      fence: fences[name],
      ...(problem !== undefined && { problem }),
      ...(manager !== undefined && { lastManager: manager, sizedBy: manager }),
    }
  }

  function view(): ClusterView {
    reach()
    const { weights, others, mark, managers } = shown
    const manager = managers.route && { lastManager: managers.route }
    const route = { weights: { ...weights }, others: { ...others }, mark, ...manager }
    return { tracks: { blue: track('blue'), green: track('green') }, route }
  }

  /** Gives the canary its weight, under a fence. */
  function write(canary: Track, weight: number, { rollout, version, hash }: Fence) {
    const stable = canary === 'blue' ? 'green' : 'blue'
    const fence = { rollout, version, ...(hash !== undefined && { hash }) }
    refuseOlder('the route', fence, shown.mark)
    const at = new Date(now()).toISOString()
    const closed = shown.mark?.rollout === fence.rollout && shown.mark.closed
    shown.mark = { service, ...fence, stable, canary, closed, by: 'slipway', at }
    const from = shown.weights[canary]
    Object.assign(shown.weights, { [canary]: weight, [stable]: 100 - weight })
    return { from, to: weight, steps: [{ name: 'write', ms: 1 }] }
  }

  const cluster: Cluster = {
    view: async () => view(),
    lastLines: async ({ ended }) => (ended === undefined ? [] : shown.log),
    templateDifferences: async () => [],
    trafficProblems: async () => shown.problems,
    gitOps: async () => shown.gitOps,
    gitChanges: async () => [{ object: 'Deployment green', path: '/spec/replicas', value: String(shown.sizes.green) }],
    async claim({ canary, ...order }) {
      reach()
      shown.writes.push('claim')
      write(canary, shown.weights[canary], order)
    },
    async size(name, change, fence) {
      reach()
      refuseOlder(name, fence, shown.fences[name])
      shown.fences[name] = fence
      const replicas = change.atLeast ? Math.max(shown.sizes[name], change.replicas) : change.replicas
      shown.writes.push(`size ${name} ${replicas}`)
      if (change.image !== undefined) shown.images[name] = change.image
      shown.sizes[name] = replicas
      if (shown.readyAfterSize) shown.ready[name] = replicas
    },
    async shift(canary, weight, expected, order) {
      reach()
      const { mark } = shown
      refuseUnknown('the route', order, mark)
      if (order.until !== undefined && now() > order.until)
        throw new SlipwayError('order-too-old', { what: 'the route' })
      if (mark?.closed && mark.rollout === order.rollout)
        throw new SlipwayError('fence-closed', { what: 'the route', by: mark.by, at: mark.at })
      const found = shown.weights[canary]
      if (found !== expected && found !== weight)
        throw new SlipwayError('weights-differ', { what: 'the route', expected: `${expected}`, found: `${found}` })
      const written = write(canary, weight, order)
      shown.writes.push(`shift ${weight}`)
      return written
    },
    async restore(stable, _size, fence, whenEmpty) {
      reach()
      if (whenEmpty === 'hold' && shown.ready[stable] === 0)
        throw new SlipwayError('stable-not-ready', { track: stable })
      const written = write(stable === 'blue' ? 'green' : 'blue', 0, fence)
      shown.writes.push('restore')
      return written
    },
    quotaShortfalls: async () => shown.quotas,
    autoscalers: async () =>
      Object.entries(shown.autoscalers).map(([name, { track, minimum, maximum, own, fence = null }]) => {
        return { name, track, minimum, maximum, pinned: own !== undefined, fence }
      }),
    async pin(name, minimum, fence) {
      reach()
      for (const [of, scaler] of Object.entries(shown.autoscalers)) {
        if (scaler.track !== name) continue
        refuseOlder(of, fence, scaler.fence ?? null)
        const own = scaler.own ?? scaler.minimum
        const pinned = Math.max(own, minimum)
        if (pinned === scaler.minimum && scaler.own === undefined) continue
        shown.writes.push(`pin ${of} ${pinned}`)
        Object.assign(scaler, { own, minimum: pinned, fence })
      }
    },
    async unpin(fence) {
      reach()
      return Object.entries(shown.autoscalers).flatMap(([of, scaler]) => {
        if (scaler.own === undefined || (scaler.fence?.rollout ?? 0) > fence.rollout) return []
        shown.writes.push(`unpin ${of}`)
        scaler.minimum = scaler.own
        delete scaler.own
        return [of]
      })
    },
    byHand: async () => 'kubectl patch …',
  }
  return { cluster, shown }
}
