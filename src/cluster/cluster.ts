import type { KubeConfig } from '@kubernetes/client-node'
import type { ClusterConfig } from '../config/config.ts'
import type { Clock, Cluster } from '../jobs/ports.ts'
import { type Client, createClient } from './client.ts'
import { kubectlLine } from './kubectl-line.ts'
import { restore } from './restore.ts'
import { templateDifferences } from './template-differences.ts'
import { claim, createTraffic, shift } from './traffic.ts'
import { trafficProblems } from './traffic-problems.ts'
import { view } from './view.ts'
import { createWorkloads } from './workloads.ts'

export interface ClusterOptions {
  readonly kubeConfig: KubeConfig
  readonly config: ClusterConfig
  readonly service: string
  readonly clock: Clock
}

/** The cluster behind Kubernetes' API. It keeps nothing but a connection: every call reads anew. */
export function createCluster({ kubeConfig, ...options }: ClusterOptions): Cluster {
  const { namespace, timeout } = options.config
  return clusterOver(createClient({ kubeConfig, namespace, timeout }), options)
}

/** The same over a client that is there already. */
export function clusterOver(client: Client, { config, service, clock }: Omit<ClusterOptions, 'kubeConfig'>): Cluster {
  const workloads = createWorkloads(client, config, clock)
  const traffic = createTraffic(client, config, service, clock)
  return {
    view: () => view(client, config, workloads),
    async templateDifferences() {
      const [blue, green] = await Promise.all([workloads.read('blue'), workloads.read('green')])
      return templateDifferences(blue, green, config.tracks)
    },
    trafficProblems: (weights) => trafficProblems(client, config, workloads, weights),
    claim: (mark) => claim(traffic, mark),
    size: (track, change, fence) => workloads.size(track, change, fence),
    shift: (canary, weight, expected, fence) => shift(traffic, canary, weight, expected, fence),
    restore: (stable, size, fence, whenEmpty) => restore(traffic, workloads, { stable, size, fence, whenEmpty }),
    async byHand(stable) {
      const { kind, name, read } = traffic.access
      return kubectlLine({ kind, name, namespace: config.namespace }, await read(), stable)
    },
  }
}
