import { KubeConfig, Watch } from '@kubernetes/client-node'
import { z } from 'zod'
import type { RouteObject } from '../../cluster/route-object.ts'
import { isSameHost } from '../../cluster/service-host.ts'
import { trafficKinds } from '../../cluster/traffic-kinds.ts'
import type { ClusterConfig, TrackConfig } from '../../config/config.ts'
import type { Track } from '../../rollout/plan.ts'
import type { Surroundings } from './model.ts'

const deployment = z.object({
  spec: z.object({
    replicas: z.number(),
    template: z.object({
      spec: z.object({ containers: z.array(z.object({ name: z.string(), image: z.string() })) }),
    }),
  }),
  status: z.object({ readyReplicas: z.number().default(0) }).default({ readyReplicas: 0 }),
})

/** Time until a watch that ended begins anew, in ms. */
const pause = 500

/** Sees what steers the traffic and where the pods are, by watches that it keeps up. */
export interface ClusterReader {
  /** As it was seen last: it stays as it was while the cluster does not answer. */
  last(): Surroundings
  close(): void
}

/**
 * A reader of the cluster that a kubeconfig file leads to, once it has seen everything.
 * @throws what the cluster's client throws when it can't be read, or half a minute went by without what is looked for.
 */
export async function clusterReader(kubeconfig: string, cluster: ClusterConfig): Promise<ClusterReader> {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const client = new Watch(config)
  const kind = trafficKinds[cluster.traffic.kind]
  const { group, version, plural } = kind.resource
  const routes = `/apis/${group}/${version}/namespaces/${cluster.namespace}/${plural}`
  const deployments = `/apis/apps/v1/namespaces/${cluster.namespace}/deployments`
  const track = ({ deployment: name }: TrackConfig) =>
    watch(client, deployments, name, (object) => readTrack(object, cluster))
  const [route, blue, green] = [
    watch(client, routes, cluster.traffic.name, (object) => shares(kind.read(object), cluster)),
    track(cluster.tracks.blue),
    track(cluster.tracks.green),
  ]
  const close = () => [route, blue, green].forEach((one) => void one.close())
  try {
    await Promise.all([route.first, blue.first, green.first])
  } catch (error) {
    close()
    throw error
  }
  return {
    last: () => ({
      weights: route.last(),
      ready: { blue: blue.last().ready, green: green.last().ready },
      wanted: { blue: blue.last().wanted, green: green.last().wanted },
      images: { blue: blue.last().image, green: green.last().image },
    }),
    close,
  }
}

/** Watches one object. Each watch begins with the object as it is, so what was missed between two is caught up. */
function watch<T>(client: Watch, path: string, name: string, read: (object: unknown) => T) {
  const first = Promise.withResolvers<void>()
  let last: T
  let closed = false
  let again: NodeJS.Timeout | undefined
  let current: Promise<AbortController>
  const seen = (type: string, object: unknown) => {
    if (type === 'DELETED' || type === 'ERROR') return
    last = read(object)
    first.resolve()
  }
  const ended = (error: unknown) => {
    first.reject(error)
    if (!closed) again = setTimeout(begin, pause)
  }
  function begin(): void {
    current = client.watch(path, { fieldSelector: `metadata.name=${name}` }, seen, ended)
  }
  begin()
  return {
    /** Rejects with what ended the watch before anything was seen. */
    first: first.promise,
    /** Only once something was seen. */
    last: () => last,
    async close() {
      closed = true
      clearTimeout(again)
      ;(await current).abort()
    },
  }
}

function readTrack(object: unknown, { container: name }: ClusterConfig) {
  const { spec, status } = deployment.parse(object)
  const container = spec.template.spec.containers.find((one) => one.name === name)
  return {
    wanted: spec.replicas,
    ready: Math.min(spec.replicas, status.readyReplicas),
    image: container?.image ?? '',
  }
}

/** The two tracks' shares of their own sum, in percent. */
function shares(found: RouteObject, cluster: ClusterConfig): Record<Track, number> {
  const name = cluster.traffic.route
  const entries = found.routes.find((route) => name === undefined || route.name === name)?.destinations ?? []
  const weight = ({ destination: { host, subset } }: TrackConfig) =>
    entries.find((one) => one.subset === subset && isSameHost(one.host, host, cluster.namespace))?.weight ?? 0
  const blue = weight(cluster.tracks.blue)
  const sum = blue + weight(cluster.tracks.green)
  return sum === 0 ? { blue: 0, green: 0 } : { blue: (blue / sum) * 100, green: 100 - (blue / sum) * 100 }
}
