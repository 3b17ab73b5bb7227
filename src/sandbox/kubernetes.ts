import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { JsonObject } from './cluster/json.ts'
import { readManifests } from './cluster/manifests.ts'
import { metadataOf } from './cluster/metadata.ts'
import { type StandIn, startCluster } from './cluster/start-cluster.ts'
import { prepareRealCluster } from './real-cluster.ts'

/** The Kubernetes API of a world: the stand-in, or a real one. */
export interface Kubernetes {
  /** May do everything. */
  readonly kubeconfig: string
  /** What Slipway runs with: on the stand-in no more than the shipped Roles give. */
  readonly slipwayKubeconfig: string
  readonly url: string
  /** Null for a real one. */
  readonly standIn: StandIn | null
  /** What had to be created on a real cluster. */
  readonly created: readonly string[]
  close(): Promise<void>
}

const shipped = (name: string) => fileURLToPath(new URL(`../../k8s/${name}.yaml`, import.meta.url))

/** What Slipway may do, as it is shipped, in the namespace of the service; the optional part included. */
async function readRoles(namespace: string): Promise<readonly JsonObject[]> {
  const roles = ['slipway-rbac', 'slipway-rbac-http-route'].map((name) => readManifests(shipped(name), namespace))
  return (await Promise.all([...roles, readManifests(shipped('slipway-cluster-rbac'))])).flat()
}

/** Starts the stand-in with the manifests on it, or makes the `given` cluster ready. */
export async function startKubernetes(options: {
  readonly dir: string
  readonly manifests: readonly string[]
  /** Kubeconfig of a real cluster. */
  readonly given: string | undefined
}): Promise<Kubernetes> {
  const { dir, manifests, given } = options
  if (given !== undefined)
    return {
      kubeconfig: given,
      slipwayKubeconfig: given,
      standIn: null,
      ...(await prepareRealCluster(given, manifests)),
    }
  const service = (await Promise.all(manifests.map((file) => readManifests(file)))).flat()
  const namespace = service.map((object) => metadataOf(object).namespace).find((name) => name !== '')
  if (namespace === undefined) throw new Error('the manifests are in no namespace')
  const cluster = await startCluster({ objects: [...service, ...(await readRoles(namespace))], limited: true })
  const [kubeconfig, slipwayKubeconfig] = [join(dir, 'kubeconfig'), join(dir, 'kubeconfig-limited')]
  await writeFile(kubeconfig, cluster.adminKubeconfigYaml, { mode: 0o600 })
  await writeFile(slipwayKubeconfig, cluster.kubeconfigYaml, { mode: 0o600 })
  const { url } = cluster
  return { kubeconfig, slipwayKubeconfig, url, standIn: cluster, created: [], close: () => cluster.close() }
}
