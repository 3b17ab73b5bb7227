import type { Config } from '../config/config.ts'
import type { Access } from '../readiness/snapshot.ts'
import { trafficKinds } from './traffic-kinds.ts'

/** Everything that a rollout does on the cluster, as RBAC sees it; `roleFiles` grant it. */
export function neededAccess({ mode, cluster }: Pick<Config, 'mode' | 'cluster'>): readonly Access[] {
  const { tracks, traffic } = cluster
  // What only watches never writes.
  const verbs = mode === 'observe' ? ['get'] : ['get', 'patch']
  const { group, plural } = trafficKinds[traffic.kind].resource
  const of = (group: string, resource: string, names: readonly string[]): readonly Access[] =>
    names.flatMap((name) => verbs.map((verb): Access => ({ verb, group, resource, name, where: 'namespace' })))
  return [
    ...of('apps', 'deployments', [tracks.blue.deployment, tracks.green.deployment]),
    ...of(group, plural, [traffic.name]),
    { verb: 'list', group: '', resource: 'pods', where: 'namespace' },
    // What a pod that fails had written last.
    { verb: 'get', group: '', resource: 'pods/log', where: 'namespace' },
  ]
}

/** The manifests whose Roles grant it, for words. */
export function roleFiles({ mode, cluster }: Pick<Config, 'mode' | 'cluster'>): string {
  const role = mode === 'observe' ? 'k8s/slipway-observe-rbac' : 'k8s/slipway-rbac'
  return cluster.traffic.kind === 'http-route' ? `${role}.yaml and ${role}-http-route.yaml` : `${role}.yaml`
}

/** What is listed beside: by readiness, and before a start. */
export const readinessReads: readonly { readonly group: string; readonly resource: string }[] = [
  { group: '', resource: 'nodes' },
  { group: '', resource: 'resourcequotas' },
  { group: 'policy', resource: 'poddisruptionbudgets' },
  { group: 'autoscaling', resource: 'horizontalpodautoscalers' },
  { group: 'batch', resource: 'jobs' },
  { group: 'networking.istio.io', resource: 'destinationrules' },
  { group: 'argoproj.io', resource: 'rollouts' },
  { group: 'flagger.app', resource: 'canaries' },
]
