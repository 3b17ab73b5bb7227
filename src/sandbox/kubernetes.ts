import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readManifests } from './cluster/manifests.ts'
import { startCluster } from './cluster/start-cluster.ts'
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
  readonly manifests: readonly string[]
  /** Kubeconfig of a real cluster. */
  readonly given: string | undefined
}): Promise<Kubernetes> {
  const { dir, manifests, given } = options
  if (given !== undefined) return { kubeconfig: given, ...(await prepareRealCluster(given, manifests)) }
  const cluster = await startCluster({
    objects: (await Promise.all(manifests.map((file) => readManifests(file)))).flat(),
  })
  const kubeconfig = join(dir, 'kubeconfig')
  await writeFile(kubeconfig, cluster.kubeconfigYaml, { mode: 0o600 })
  return { kubeconfig, url: cluster.url, created: [], close: () => cluster.close() }
}
