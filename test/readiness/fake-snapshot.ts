import type { V1Deployment, V1Pod } from '@kubernetes/client-node'
import { SlipwayError } from '../../src/errors.ts'
import type { Access, AccessRule, Snapshot } from '../../src/readiness/snapshot.ts'
import type { Track } from '../../src/rollout/plan.ts'
import type { FakeWorld } from '../jobs/fake-world.ts'

/** What a test says of the cluster, beside what the fake world's cluster shows. */
export interface FakeSnapshot {
  version: readonly [number, number]
  differences: readonly string[]
  deployments: Partial<Record<Track, V1Deployment>>
  pods: V1Pod[]
  /** Objects by the plural of their kind, with `cluster/` before it where they are of the whole cluster. */
  objects: Map<string, readonly unknown[]>
  /** ConfigMaps and Secrets that exist: `secrets/tls`. */
  existing: Set<string>
  may: (access: Access) => boolean
  rules: readonly AccessRule[]
  /** What every read fails with, as long as it is set; or those whose name is in `failing`. */
  failing: Set<string> | 'all'
}

export function createFakeSnapshot(): FakeSnapshot {
  return {
    version: [1, 31],
    differences: [],
    deployments: {},
    pods: [],
    objects: new Map(),
    existing: new Set(),
    may: () => true,
    rules: [],
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
    deployment: (track) =>
      read('deployment', () => {
        const found = fake.deployments[track]
        if (found === undefined) throw new SlipwayError('cluster-not-found', { what: `Deployment of ${track}` })
        return found
      }),
    pods: () => read('pods', () => fake.pods),
    list: ({ plural, schema }, where) =>
      read(plural, () => {
        const found = fake.objects.get(where === 'cluster' ? `cluster/${plural}` : plural)
        if (found === undefined) throw new SlipwayError('cluster-not-found', { what: plural })
        return found.map((object) => schema.parse(object))
      }),
    exists: (kind, name) => read(kind, () => fake.existing.has(`${kind}/${name}`)),
    version: () => read('version', () => fake.version),
    may: (access) => read('may', () => fake.may(access)),
    rules: () => read('rules', () => fake.rules),
  }
}
