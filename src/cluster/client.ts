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
  type V1ResourceQuota,
  type V1Service,
} from '@kubernetes/client-node'
import { z } from 'zod'
import { SlipwayError } from '../errors.ts'
import { autoscalerKind } from './autoscaler.ts'
import { createCall, type PatchAnswer } from './call.ts'
import { createConnection } from './connection.ts'
import type { JsonPatch } from './json-patch.ts'
import { manager } from './names.ts'
import type { ObjectKind, RouteObject, TrafficKind } from './route-object.ts'

/** The calls to the API server that only look, in one namespace. Every error is a SlipwayError. */
export interface ReadingClient {
  readonly namespace: string
  readDeployment(name: string): Promise<V1Deployment>
  /** Without a selector all pods of the namespace. */
  listPods(selector: string): Promise<readonly V1Pod[]>
  /** The end of a container's log: so many lines of it. */
  readLog(pod: string, of: LogEnd): Promise<string>
  readRoute(kind: TrafficKind, name: string): Promise<RouteObject>
  listRoutes(kind: TrafficKind): Promise<readonly RouteObject[]>
  readService(name: string): Promise<V1Service>
  listQuotas(): Promise<readonly V1ResourceQuota[]>
  /** All objects of a kind in the namespace, as they come. */
  listObjects(kind: ObjectKind): Promise<readonly unknown[]>
}

/** Which part of a log: of the run before this one where `previous` says so. */
export interface LogEnd {
  readonly container: string
  readonly previous: boolean
  readonly lines: number
}

/** All the calls to the API server that Slipway makes. */
export interface Client extends ReadingClient {
  patchDeployment(name: string, patch: JsonPatch): Promise<PatchAnswer>
  patchRoute(kind: TrafficKind, name: string, patch: JsonPatch): Promise<PatchAnswer>
  patchAutoscaler(name: string, patch: JsonPatch): Promise<PatchAnswer>
}

export interface ClientOptions {
  readonly kubeConfig: KubeConfig
  readonly namespace: string
  /** Time limit of one call, in ms. */
  readonly timeout: number
}

/** A log's lines may be of any length: more than this (bytes) is not read. */
const mostOfLog = 64 * 1024

const asJsonPatch = setHeaderOptions('Content-Type', PatchStrategy.JsonPatch)

/** A client that can change nothing. */
export function createReadingClient(options: ClientOptions): ReadingClient {
  return readingOver(openApi(options))
}

export function createClient(options: ClientOptions): Client {
  const api = openApi(options)
  const { apps, custom, call, namespace } = api
  const patchObject = (kind: ObjectKind, name: string, body: JsonPatch) =>
    call.patch(object(kind, namespace, name), () =>
      custom.patchNamespacedCustomObject(
        { ...kind.resource, namespace, name, body, fieldManager: manager },
        asJsonPatch,
      ),
    )
  return {
    ...readingOver(api),
    patchDeployment: (name, body) =>
      call.patch(deployment(namespace, name), () =>
        apps.patchNamespacedDeployment({ namespace, name, body, fieldManager: manager }, asJsonPatch),
      ),
    patchRoute: patchObject,
    patchAutoscaler: (name, body) => patchObject(autoscalerKind, name, body),
  }
}

const deployment = (namespace: string, name: string) => `Deployment ${namespace}/${name}`
const object = ({ title }: ObjectKind, namespace: string, name: string) => `${title} ${namespace}/${name}`

function openApi({ kubeConfig, namespace, timeout }: ClientOptions) {
  const cluster = kubeConfig.getCurrentCluster()
  if (!cluster) throw new SlipwayError('cluster-not-found', { what: 'The cluster of the current kubeconfig context' })
  const connection = createConnection(kubeConfig, timeout)
  const call = createCall(connection)
  const configuration = createConfiguration({
    baseServer: new ServerConfiguration(cluster.server, {}),
    authMethods: { default: kubeConfig },
    promiseMiddleware: [connection.middleware],
  })
  return {
    namespace,
    call,
    apps: new AppsV1Api(configuration),
    core: new CoreV1Api(configuration),
    custom: new CustomObjectsApi(configuration),
  }
}

function readingOver({ namespace, call, apps, core, custom }: ReturnType<typeof openApi>): ReadingClient {
  async function listObjects({ title, resource }: ObjectKind): Promise<readonly unknown[]> {
    const what = `${title}s in ${namespace}`
    const answer: unknown = await call.read(what, () => custom.listNamespacedCustomObject({ ...resource, namespace }))
    return readable(what, () => z.object({ items: z.array(z.unknown()) }).parse(answer).items)
  }

  return {
    namespace,
    async readDeployment(name) {
      const answer = await call.read(deployment(namespace, name), () =>
        apps.readNamespacedDeployment({ namespace, name }),
      )
      // The client's types promise more than whatever answered keeps.
      readable(deployment(namespace, name), () =>
        z.object({ metadata: z.object({ name: z.literal(name) }) }).parse(answer),
      )
      return answer
    },
    async listPods(labelSelector) {
      const what = `Pods in ${namespace}`
      const list = await call.read(what, () => core.listNamespacedPod({ namespace, labelSelector }))
      readable(what, () =>
        z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) }).parse(list),
      )
      return list.items
    },
    async readLog(name, { container, previous, lines: tailLines }) {
      const what = `The log of pod ${namespace}/${name}`
      const which = { namespace, name, container, previous, tailLines, limitBytes: mostOfLog }
      const log: unknown = await call.read(what, () => core.readNamespacedPodLog(which))
      // An empty log comes as nothing.
      return typeof log === 'string' ? log : ''
    },
    async readRoute(kind, name) {
      const what = object(kind, namespace, name)
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
    async listQuotas() {
      const what = `ResourceQuotas in ${namespace}`
      const list = await call.read(what, () => core.listNamespacedResourceQuota({ namespace }))
      readable(what, () =>
        z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) }).parse(list),
      )
      return list.items
    },
    listObjects,
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
