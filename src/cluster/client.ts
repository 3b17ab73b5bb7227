import {
  AppsV1Api,
  CoreV1Api,
  CustomObjectsApi,
  createConfiguration,
  type KubeConfig,
  PatchStrategy,
  ServerConfiguration,
  setHeaderOptions,
  type V1Deployment,
  type V1Pod,
  type V1Service,
} from '@kubernetes/client-node'
import { z } from 'zod'
import { SlipwayError } from '../errors.ts'
import { createCall, type PatchAnswer } from './call.ts'
import { createConnection } from './connection.ts'
import type { JsonPatch } from './json-patch.ts'
import { manager } from './names.ts'
import type { ObjectKind, RouteObject, TrafficKind } from './route-object.ts'

/** The calls to the API server that Slipway makes, in one namespace. Every error is a SlipwayError. */
export interface Client {
  readonly namespace: string
  readDeployment(name: string): Promise<V1Deployment>
  patchDeployment(name: string, patch: JsonPatch): Promise<PatchAnswer>
  /** Without a selector all pods of the namespace. */
  listPods(selector: string): Promise<readonly V1Pod[]>
  readRoute(kind: TrafficKind, name: string): Promise<RouteObject>
  listRoutes(kind: TrafficKind): Promise<readonly RouteObject[]>
  readService(name: string): Promise<V1Service>
  /** All objects of a kind in the namespace, as they come. */
  listObjects(kind: ObjectKind): Promise<readonly unknown[]>
  patchRoute(kind: TrafficKind, name: string, patch: JsonPatch): Promise<PatchAnswer>
}

export interface ClientOptions {
  readonly kubeConfig: KubeConfig
  readonly namespace: string
  /** Time limit of one call, in ms. */
  readonly timeout: number
}

const asJsonPatch = setHeaderOptions('Content-Type', PatchStrategy.JsonPatch)

export function createClient({ kubeConfig, namespace, timeout }: ClientOptions): Client {
  const cluster = kubeConfig.getCurrentCluster()
  if (!cluster) throw new SlipwayError('cluster-not-found', { what: 'The cluster of the current kubeconfig context' })
  const connection = createConnection(kubeConfig, timeout)
  const call = createCall(connection)
  const configuration = createConfiguration({
    baseServer: new ServerConfiguration(cluster.server, {}),
    authMethods: { default: kubeConfig },
    promiseMiddleware: [connection.middleware],
  })
  const apps = new AppsV1Api(configuration)
  const core = new CoreV1Api(configuration)
  const custom = new CustomObjectsApi(configuration)
  const deployment = (name: string) => `Deployment ${namespace}/${name}`
  const route = ({ title }: TrafficKind, name: string) => `${title} ${namespace}/${name}`

  async function listObjects({ title, resource }: ObjectKind): Promise<readonly unknown[]> {
    const what = `${title}s in ${namespace}`
    const answer: unknown = await call.read(what, () => custom.listNamespacedCustomObject({ ...resource, namespace }))
    return readable(what, () => z.object({ items: z.array(z.unknown()) }).parse(answer).items)
  }

  return {
    namespace,
    async readDeployment(name) {
      const answer = await call.read(deployment(name), () => apps.readNamespacedDeployment({ namespace, name }))
      // The client's types promise more than whatever answered keeps.
      readable(deployment(name), () => z.object({ metadata: z.object({ name: z.literal(name) }) }).parse(answer))
      return answer
    },
    patchDeployment: (name, body) =>
      call.patch(deployment(name), () =>
        apps.patchNamespacedDeployment({ namespace, name, body, fieldManager: manager }, asJsonPatch),
      ),
    async listPods(labelSelector) {
      const what = `Pods in ${namespace}`
      const list = await call.read(what, () => core.listNamespacedPod({ namespace, labelSelector }))
      readable(what, () =>
        z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) }).parse(list),
      )
      return list.items
    },
    async readRoute(kind, name) {
      const what = route(kind, name)
      const answer: unknown = await call.read(what, () =>
        custom.getNamespacedCustomObject({ ...kind.resource, namespace, name }),
      )
      return readable(what, () => kind.read(answer))
    },
    async listRoutes(kind) {
      const objects = await listObjects(kind)
      return readable(`${kind.title}s in ${namespace}`, () => objects.map(kind.read))
    },
    async readService(name) {
      const what = `Service ${namespace}/${name}`
      const answer = await call.read(what, () => core.readNamespacedService({ namespace, name }))
      readable(what, () => z.object({ metadata: z.object({ name: z.literal(name) }) }).parse(answer))
      return answer
    },
    listObjects,
    patchRoute: (kind, name, body) =>
      call.patch(route(kind, name), () =>
        custom.patchNamespacedCustomObject(
          { ...kind.resource, namespace, name, body, fieldManager: manager },
          asJsonPatch,
        ),
      ),
  }
}

/** Throws `cluster-unreadable` for what is not as wanted: a proxy, a sign-in page, another kind of server. */
function readable<T>(what: string, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    if (!(cause instanceof z.ZodError)) throw cause
    throw new SlipwayError('cluster-unreadable', { what }, { cause })
  }
}
