import { KubeConfig } from '@kubernetes/client-node'
import { startCluster } from '../../src/sandbox/cluster/start-cluster.ts'
import { type Api, createApi } from './api.ts'

/** Something that speaks the Kubernetes API, and two ways in. */
export interface ControlPlane {
  /** May do everything. */
  readonly admin: KubeConfig
  /** What the adapter runs with: the service account, where there is one. */
  readonly adapter: KubeConfig
  /** Does `adapter` hold only what k8s/slipway-rbac.yaml grants? */
  readonly limited: boolean
  readonly api: Api
  close(): Promise<void>
}

export async function standIn(): Promise<ControlPlane> {
  const cluster = await startCluster({ readyMs: 100, stopMs: 50, limited: true })
  const [admin, adapter] = [new KubeConfig(), new KubeConfig()]
  admin.loadFromString(cluster.adminKubeconfigYaml)
  adapter.loadFromString(cluster.kubeconfigYaml)
  return { admin, adapter, limited: true, api: await createApi(admin), close: () => cluster.close() }
}

/** A real one, by kubeconfig files: an administrator's, and one of the service account `slipway` in `claude-enhancer`. */
export async function realOne(adminFile: string, limitedFile: string | undefined): Promise<ControlPlane> {
  const [admin, adapter] = [new KubeConfig(), new KubeConfig()]
  admin.loadFromFile(adminFile)
  adapter.loadFromFile(limitedFile ?? adminFile)
  const limited = limitedFile !== undefined
  return { admin, adapter, limited, api: await createApi(admin), close: async () => {} }
}
