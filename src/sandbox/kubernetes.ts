import type { Config } from '../config/config.ts'
import { prepareRealCluster } from './real-cluster.ts'

/** The Kubernetes API of a world: the stand-in, or a real one. */
export interface Kubernetes {
  readonly kubeconfig: string
  readonly url: string
  /** What had to be created on a real cluster. */
  readonly created: readonly string[]
  close(): Promise<void>
}

/** Starts the stand-in with the manifests on it, or makes the `given` cluster ready. */
export async function startKubernetes(options: {
  readonly dir: string
  readonly config: Config
  readonly manifests: string
  /** Kubeconfig of a real cluster. */
  readonly given: string | undefined
}): Promise<Kubernetes> {
  if (options.given === undefined) throw new Error('no stand-in yet')
  return { kubeconfig: options.given, ...(await prepareRealCluster(options.given, options.manifests)) }
}
