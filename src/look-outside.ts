import type { KubeConfig } from '@kubernetes/client-node'
import { createClient } from './cluster/client.ts'
import { createInspector } from './cluster/inspector.ts'
import { createSnapshot } from './cluster/snapshot.ts'
import type { Config } from './config/config.ts'
import type { Clock } from './jobs/ports.ts'
import type { Outside } from './readiness/subject.ts'

interface Parts {
  readonly kubeConfig: KubeConfig
  readonly config: Config
  readonly clock: Clock
}

/** What readiness asks beside what a rollout needs, over the real systems. */
export function lookOutside({ kubeConfig, config, clock }: Parts): Outside {
  const { cluster, service } = config
  const reach = { kubeConfig, namespace: cluster.namespace, timeout: cluster.timeout }
  const client = createClient(reach)
  const inspector = createInspector(reach)
  return {
    lookAtCluster: () => createSnapshot({ client, inspector, config: cluster, service, clock }),
  }
}
