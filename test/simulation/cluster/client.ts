import { autoscalerKind } from '../../../src/cluster/autoscaler.ts'
import type { Client } from '../../../src/cluster/client.ts'
import type { TrafficKind } from '../../../src/cluster/route-object.ts'
import { trafficKinds } from '../../../src/cluster/traffic-kinds.ts'
import { SlipwayError } from '../../../src/errors.ts'
import type { SimulatedProcess } from '../process.ts'
import { config } from '../spec.ts'
import { type Api, labelsOf } from './api.ts'

/** Both tracks as subsets of the one host. */
const destinationRule = {
  metadata: { name: config.service },
  spec: {
    host: config.cluster.tracks.blue.destination.host,
    subsets: (['blue', 'green'] as const).map((name) => ({ name, labels: { track: labelsOf(name).track } })),
  },
}

/** Calls to the API server as one process makes them. `manager` is who writes. */
export function createClient(process: SimulatedProcess, api: Api, manager: string): Client {
  const { namespace, traffic } = config.cluster
  const call = <T>(what: string, name: string, act: () => T) =>
    process.call({ system: 'cluster', name, act, failed: () => new SlipwayError('cluster-unreachable', { what }) })
  const route = (kind: TrafficKind, name: string) => {
    if (kind === trafficKinds[traffic.kind] && name === traffic.name) return api.object
    throw new SlipwayError('cluster-not-found', { what: name })
  }
  return {
    namespace,
    readDeployment: (name) =>
      call(name, `read ${name}`, () => {
        const found = api.readDeployment(name)
        if (found === null) throw new SlipwayError('cluster-not-found', { what: name })
        return found
      }),
    patchDeployment: (name, patch) =>
      call(name, `patch ${name} ${JSON.stringify(patch)}`, () =>
        api.patchDeployment(manager, name, patch) ? 'written' : 422,
      ),
    listPods: () => call('pods', 'list pods', () => api.pods()),
    listQuotas: () => call('quotas', 'list quotas', () => []),
    readLog: (name) => call(name, `read the log of ${name}`, () => ''),
    readRoute: (kind, name) => call(name, 'read the route', () => route(kind, name)),
    listRoutes: (kind) =>
      call('routes', 'list routes', () => (kind === trafficKinds[traffic.kind] ? [api.object] : [])),
    readService: (name) =>
      call(name, 'read the Service', () => ({ metadata: { name }, spec: { selector: { app: config.service } } })),
    listObjects: ({ title }) =>
      call(title, `list ${title}s`, () => {
        if (title === autoscalerKind.title) return api.autoscalers()
        return title === 'DestinationRule' ? [destinationRule] : []
      }),
    patchAutoscaler: (name, patch) =>
      call(name, `patch autoscaler ${name}`, () => (api.patchAutoscaler(name, patch) ? 'written' : 422)),
    patchRoute: (_kind, name, patch) =>
      call(name, `patch the route`, () => (api.patchRoute(manager, patch) ? 'written' : 422)),
  }
}
