import { randomBytes } from 'node:crypto'
import type { KubeConfig } from '@kubernetes/client-node'
import { systemClock } from '../../src/clock.ts'
import { createCluster } from '../../src/cluster/cluster.ts'
import type { ClusterConfig } from '../../src/config/config.ts'
import type { Cluster } from '../../src/jobs/ports.ts'
import { type Json, type JsonObject, member } from '../../src/sandbox/cluster/json.ts'
import { readManifests } from '../../src/sandbox/cluster/manifests.ts'
import { type Api, createApi, jsonPatch, mergePatch, plainKubeConfig } from './api.ts'
import type { ControlPlane } from './control-plane.ts'
import { type Kind, type Notation, notations } from './notation.ts'
import { type Interceptor, startProxy } from './proxy.ts'
import { until } from './until.ts'

export const service = 'claude-enhancer'

/** A namespace of its own with the shipped manifests, and an adapter that goes through a proxy. */
export interface Scene {
  /** How the route is written. */
  readonly notation: Notation
  readonly namespace: string
  readonly config: ClusterConfig
  readonly cluster: Cluster
  readonly proxy: Interceptor
  /** The way that the adapter goes. */
  readonly kubeConfig: KubeConfig
  /** The administrator, past the proxy. */
  readonly api: Api
  readonly route: string
  readonly blue: string
  readonly green: string
  /** An adapter of the same kind with other settings. */
  adapter(changes: Partial<ClusterConfig>): Cluster
  readRoute(): Promise<JsonObject>
  patchRoute(operations: Json): Promise<JsonObject>
  /** The weights of the first route, as written. */
  weights(): Promise<Json[]>
  patchDeployment(path: string, patch: JsonObject): Promise<JsonObject>
  /** Waits for this many ready pods. */
  ready(path: string, count: number): Promise<void>
  /** How many writes the adapter has sent to the route. */
  routeWrites(): number
  close(): Promise<void>
}

const configOf = ({ kind, destinations }: Notation, namespace: string): ClusterConfig => ({
  namespace,
  container: service,
  traffic: { kind, name: service, route: 'primary' },
  tracks: {
    blue: { deployment: `${service}-blue`, destination: destinations.blue },
    green: { deployment: `${service}-green`, destination: destinations.green },
  },
  readyShare: 0.8,
  // Long enough for a busy machine: a test of a limit sets its own.
  scaleFirst: 60_000,
  timeout: 20_000,
})

const paths: Readonly<Record<string, string>> = {
  Namespace: '/api/v1/namespaces',
  Service: '/api/v1/namespaces/{}/services',
  Deployment: '/apis/apps/v1/namespaces/{}/deployments',
  DestinationRule: '/apis/networking.istio.io/v1/namespaces/{}/destinationrules',
  VirtualService: '/apis/networking.istio.io/v1/namespaces/{}/virtualservices',
  HTTPRoute: '/apis/gateway.networking.k8s.io/v1/namespaces/{}/httproutes',
  Role: '/apis/rbac.authorization.k8s.io/v1/namespaces/{}/roles',
  RoleBinding: '/apis/rbac.authorization.k8s.io/v1/namespaces/{}/rolebindings',
  ServiceAccount: '/api/v1/namespaces/{}/serviceaccounts',
}

async function apply(api: Api, file: string, namespace: string): Promise<void> {
  for (const object of await readManifests(file, namespace)) {
    const path = paths[String(object.kind)]
    if (path === undefined) throw new Error(`No path for ${object.kind}`)
    await api.must('POST', path.replace('{}', namespace), object)
  }
}

/** Puts the Role of a Slipway that only observes in the place of the one that drives. */
export async function applyObserverRole(api: Api, namespace: string): Promise<void> {
  const objects = await readManifests('k8s/slipway-observe-rbac.yaml', namespace)
  const role = objects.find(({ kind }) => kind === 'Role')
  if (role === undefined) throw new Error('no Role in the manifest')
  await api.must('PATCH', `${paths.Role?.replace('{}', namespace)}/slipway`, { rules: role.rules }, mergePatch)
}

export async function createScene({ api, adapter: upstream, limited }: ControlPlane, kind: Kind): Promise<Scene> {
  const notation = notations[kind]
  const namespace = `scene-${randomBytes(4).toString('hex')}`
  for (const name of ['service', kind]) await apply(api, `k8s/${name}.yaml`, namespace)
  const roles = kind === 'http-route' ? ['slipway-rbac', 'slipway-rbac-http-route'] : ['slipway-rbac']
  for (const name of limited ? roles : []) await apply(api, `k8s/${name}.yaml`, namespace)
  const way = await createApi(upstream)
  const route = `/apis/${notation.apiVersion}/namespaces/${namespace}/${notation.plural}/${service}`
  // The API server counts a new Role a moment after it has taken it.
  await until('the adapter may read', async () => (await way.call('GET', route)).status === 200)
  const proxy = await startProxy(way)
  const kubeConfig = plainKubeConfig(proxy.url, namespace)
  const here = configOf(notation, namespace)
  const adapter = (changes: Partial<ClusterConfig>) =>
    createCluster({ kubeConfig, config: { ...here, ...changes }, service, clock: systemClock })
  const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments/${service}`
  const readRoute = () => api.must('GET', route)
  return {
    notation,
    namespace,
    config: here,
    cluster: adapter({}),
    proxy,
    kubeConfig,
    api,
    route,
    blue: `${deployments}-blue`,
    green: `${deployments}-green`,
    adapter,
    readRoute,
    patchRoute: (operations) => api.must('PATCH', route, operations, jsonPatch),
    weights: async () => notation.weightsOf(await readRoute()),
    patchDeployment: (path, patch) => api.must('PATCH', path, patch, mergePatch),
    ready: (path, count) =>
      until(`${count} pods ready`, async () => {
        const { metadata, status } = await api.must('GET', path).then(parts)
        return status.observedGeneration === metadata.generation && (status.readyReplicas ?? 0) === count
      }),
    routeWrites: () => proxy.requests.filter((request) => request === `PATCH ${route}`).length,
    async close() {
      await proxy.close()
      await api.must('DELETE', `/api/v1/namespaces/${namespace}`)
    },
  }
}

/** An autoscaler of a track, named like its Deployment; returns its path. */
export async function addAutoscaler({ api, namespace }: Scene, track: 'blue' | 'green', spec: JsonObject) {
  const path = `/apis/autoscaling/v1/namespaces/${namespace}/horizontalpodautoscalers`
  const name = `${service}-${track}`
  await api.must('POST', path, {
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name },
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name }, ...spec },
  })
  return `${path}/${name}`
}

function parts(object: JsonObject): { metadata: JsonObject; status: JsonObject } {
  return { metadata: member(object, 'metadata'), status: member(object, 'status') }
}

/** An object without what the API server counts and notes about every change. */
export function lasting(object: JsonObject): JsonObject {
  const { resourceVersion: _, generation: __, managedFields: ___, ...metadata } = member(object, 'metadata')
  return { ...object, metadata }
}
