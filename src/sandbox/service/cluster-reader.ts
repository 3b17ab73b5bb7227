import type { RequestOptions } from 'node:https'
import { KubeConfig } from '@kubernetes/client-node'
import { Agent, request } from 'undici'
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

/** Looks at what steers the traffic and where the pods are, over connections that it keeps. */
export interface ClusterReader {
  read(): Promise<Surroundings>
  close(): Promise<void>
}

/** A reader of the cluster that a kubeconfig file leads to. */
export async function clusterReader(kubeconfig: string, cluster: ClusterConfig): Promise<ClusterReader> {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const access: RequestOptions = {}
  await config.applyToHTTPSOptions(access)
  const headers = Object.entries(z.record(z.string(), z.string()).catch({}).parse(access.headers))
  const agent = new Agent({
    connections: 3,
    connect: { ca: access.ca, cert: access.cert, key: access.key, rejectUnauthorized: access.rejectUnauthorized },
  })
  const server = z.string().parse(config.getCurrentCluster()?.server)
  const kind = trafficKinds[cluster.traffic.kind]
  const { group, version, plural } = kind.resource
  const routePath = `/apis/${group}/${version}/namespaces/${cluster.namespace}/${plural}/${cluster.traffic.name}`

  const get = async <T>(schema: z.ZodType<T>, path: string): Promise<T> => {
    const answer = await request(`${server}${path}`, {
      dispatcher: agent,
      headers: Object.fromEntries(headers),
      headersTimeout: 2_000,
      bodyTimeout: 2_000,
    })
    const body = await answer.body.json()
    if (answer.statusCode !== 200) throw new Error(`GET ${path} answered ${answer.statusCode}`)
    return schema.parse(body)
  }
  const track = async ({ deployment: name }: TrackConfig) => {
    const found = await get(deployment, `/apis/apps/v1/namespaces/${cluster.namespace}/deployments/${name}`)
    const container = found.spec.template.spec.containers.find((one) => one.name === cluster.container)
    return {
      wanted: found.spec.replicas,
      ready: Math.min(found.spec.replicas, found.status.readyReplicas),
      image: container?.image ?? '',
    }
  }

  return {
    async read() {
      const [route, blue, green] = await Promise.all([
        get(z.unknown(), routePath),
        track(cluster.tracks.blue),
        track(cluster.tracks.green),
      ])
      return {
        weights: shares(kind.read(route), cluster),
        ready: { blue: blue.ready, green: green.ready },
        wanted: { blue: blue.wanted, green: green.wanted },
        images: { blue: blue.image, green: green.image },
      }
    },
    close: () => agent.destroy(),
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
