import type { KubeConfig } from '@kubernetes/client-node'
import { createReadingClient } from './cluster/client.ts'
import { createInspector } from './cluster/inspector.ts'
import { createSnapshot } from './cluster/snapshot.ts'
import type { Config } from './config/config.ts'
import type { Outside } from './readiness/subject.ts'

interface Parts {
  readonly kubeConfig: KubeConfig
  readonly config: Config
}

/** What readiness asks beside what a rollout needs, over the real systems. */
export function lookOutside({ kubeConfig, config }: Parts): Outside {
  const { cluster } = config
  const reach = { kubeConfig, namespace: cluster.namespace, timeout: cluster.timeout }
  const client = createReadingClient(reach)
  const inspector = createInspector(reach)
  return {
    lookAtCluster: () => createSnapshot({ client, inspector, config: cluster }),
  }
}
