import type { KubeConfig } from '@kubernetes/client-node'
import type { ClusterConfig } from '../config/config.ts'
import type { Clock, Cluster, ClusterReader } from '../jobs/ports.ts'
import { pin, unpin } from './autoscalers.ts'
import { type Client, createClient, createReadingClient } from './client.ts'
import { deploymentsOf, readerOver } from './reader.ts'
import { restore } from './restore.ts'
import { claim, createTraffic, shift } from './traffic.ts'
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

/** The same cluster for a Slipway that only observes: there is nothing in it, nor in its client, to write with. */
export function createClusterReader({
  kubeConfig,
  config,
}: Pick<ClusterOptions, 'kubeConfig' | 'config'>): ClusterReader {
  const { namespace, timeout } = config
  return readerOver(createReadingClient({ kubeConfig, namespace, timeout }), config)
}

/** The same over a client that is there already. */
export function clusterOver(client: Client, { config, service, clock }: Omit<ClusterOptions, 'kubeConfig'>): Cluster {
  const workloads = createWorkloads(client, config, clock)
  const traffic = createTraffic(client, config, service, clock)
  return {
    ...readerOver(client, config),
    claim: (mark) => claim(traffic, mark),
    size: (track, change, fence) => workloads.size(track, change, fence),
    pin: (track, minimum, fence) => pin(client, clock, deploymentsOf(config), { track, minimum, fence }),
    unpin: (fence) => unpin(client, clock, deploymentsOf(config), fence),
    shift: (canary, weight, expected, order) => shift(traffic, canary, weight, expected, order),
    restore: (stable, size, fence, whenEmpty, since) =>
      restore(traffic, workloads, { stable, size, fence, whenEmpty, since }),
  }
}
