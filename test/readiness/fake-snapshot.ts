import { readFileSync } from 'node:fs'
import type { V1Deployment, V1Pod } from '@kubernetes/client-node'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { SlipwayError } from '../../src/errors.ts'
import type { GitOps } from '../../src/jobs/ports.ts'
import type { Access, AccessRule, Snapshot } from '../../src/readiness/snapshot.ts'
import type { Track } from '../../src/rollout/plan.ts'
import type { FakeWorld } from '../jobs/fake-world.ts'

/** What a test says of the cluster, beside what the fake world's cluster shows. Healthy unless it is broken. */
export interface FakeSnapshot {
  version: readonly [number, number]
  differences: readonly string[]
  gitOps: readonly GitOps[]
  /** The Deployments of k8s/service.yaml. */
  readonly deployments: Record<Track, V1Deployment>
  /** Six ready ones of blue. */
  pods: V1Pod[]
  /** Objects by the plural of their kind, with `cluster/` before it where they are of the whole cluster. */
  readonly objects: Map<string, readonly unknown[]>
  /** ConfigMaps and Secrets that exist: `secrets/tls`. */
  readonly existing: Set<string>
  may: (access: Access) => boolean
  rules: readonly AccessRule[]
  /** Is there an authorizer that lists none of its rules? */
  incomplete: boolean
  /** Every read fails, or those of these names (`view`, `pods`, a plural, …), as long as it is set. */
  failing: Set<string> | 'all'
}

const deployment = z.custom<V1Deployment>(
  (value) => z.object({ kind: z.literal('Deployment') }).safeParse(value).success,
)
const manifests: readonly unknown[] = parseAllDocuments(readFileSync('k8s/service.yaml', 'utf8')).map((d) => d.toJS())

function deploymentOf(track: Track): V1Deployment {
  const found = manifests.flatMap((one) => deployment.safeParse(one).data ?? [])
  const wanted = found.find((d) => d.metadata?.name === `claude-enhancer-${track}`)
  if (wanted === undefined) throw new Error(`k8s/service.yaml has no Deployment of ${track}`)
  return structuredClone(wanted)
}

/** A pod of blue that has been ready for an hour. */
export function readyPod(name: string, now: number): V1Pod {
  const since = new Date(now - 3_600_000)
  return {
    metadata: { name, labels: { app: 'claude-enhancer', track: 'blue' } },
    spec: { containers: [{ name: 'claude-enhancer' }] },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: since }],
      containerStatuses: [
        { name: 'claude-enhancer', image: '', imageID: '', ready: true, restartCount: 0, state: { running: {} } },
      ],
    },
  }
}

/** A node with room. */
export function node(name: string, changes: { spec?: object; status?: object } = {}): unknown {
  return {
    metadata: { name },
    spec: { ...changes.spec },
    status: {
      allocatable: { cpu: '8', memory: '32Gi', pods: '110' },
      conditions: [{ type: 'Ready', status: 'True' }],
      ...changes.status,
    },
  }
}

export function createFakeSnapshot(now: number): FakeSnapshot {
  return {
    version: [1, 31],
    differences: [],
    gitOps: [],
    deployments: { blue: deploymentOf('blue'), green: deploymentOf('green') },
    pods: Array.from({ length: 6 }, (_, index) => readyPod(`blue-${index}`, now)),
    objects: new Map<string, readonly unknown[]>([
      ['cluster/nodes', [node('n1'), node('n2')]],
      ['cluster/pods', []],
      ['resourcequotas', []],
      ['poddisruptionbudgets', []],
      ['horizontalpodautoscalers', []],
    ]),
    existing: new Set(),
    may: () => true,
    rules: [],
    incomplete: false,
    failing: new Set(),
  }
}

/** A snapshot of the fake world's cluster and of what the test says. */
export function snapshotOf(world: FakeWorld, fake: FakeSnapshot): Snapshot {
  async function read<T>(what: string, value: () => T | Promise<T>): Promise<T> {
    if (fake.failing === 'all' || fake.failing.has(what)) throw new SlipwayError('cluster-unreachable', { what })
    return value()
  }
  return {
    view: () => read('view', () => world.cluster.view()),
    templateDifferences: () => read('differences', () => fake.differences),
    gitOps: () => read('git-ops', () => fake.gitOps),
    trafficProblems: () => read('problems', () => world.cluster.trafficProblems([5, 100])),
    deployment: (track) => read('deployment', () => fake.deployments[track]),
    pods: () => read('pods', () => fake.pods),
    list: ({ plural, schema }, where) =>
      read(plural, () => {
        const found = fake.objects.get(where === 'cluster' ? `cluster/${plural}` : plural)
        if (found === undefined) throw new SlipwayError('cluster-not-found', { what: plural })
        return found.map((object) => {
          const parsed = schema.safeParse(object)
          if (!parsed.success) throw new SlipwayError('cluster-unreadable', { what: plural })
          return parsed.data
        })
      }),
    exists: (kind, name) => read(kind, () => fake.existing.has(`${kind}/${name}`)),
    version: () => read('version', () => fake.version),
    may: (access) => read('may', () => fake.may(access)),
    rules: () => read('rules', () => ({ rules: fake.rules, incomplete: fake.incomplete })),
  }
}
