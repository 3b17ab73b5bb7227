import { once } from 'node:events'
import { stringify } from 'yaml'
import { z } from 'zod'
import type { AccessRule } from './access-review.ts'
import { listen } from './api-server.ts'
import { runAutoscalerController } from './autoscaler-controller.ts'
import { runDeploymentController } from './deployment-controller.ts'
import { runJobController } from './job-controller.ts'
import type { JsonObject } from './json.ts'
import { runKubelet } from './kubelet.ts'
import { applyMergePatch } from './merge-patch.ts'
import { metadataOf } from './metadata.ts'
import { rolesAllow, rulesOf } from './rbac.ts'
import { type Plural, resources } from './resources.ts'
import { type Part, Store } from './store.ts'

export interface StandInOptions {
  /** Default: a free one. */
  readonly port?: number
  /** How long a pod takes to become ready, in ms. Default: 500. */
  readonly readyMs?: number
  /** How long a pod takes to stop, in ms. Default: 200. */
  readonly stopMs?: number
  /** What is there from the start, in this order, namespaces first: see `readManifests`. */
  readonly objects?: readonly JsonObject[]
  /** Does the adapter's user hold only what Roles on the cluster grant? Default: nothing is forbidden. */
  readonly limited?: boolean
}

/** A running stand-in for a Kubernetes control plane with Istio's kinds. */
export interface StandIn {
  readonly url: string
  /** For the adapter: the service account `slipway` of the namespace of the first namespaced object. */
  readonly kubeconfigYaml: string
  /** For whoever sets things up: nothing is forbidden to this user. */
  readonly adminKubeconfigYaml: string
  get(plural: Plural, namespace: string, name: string): JsonObject | undefined
  list(plural: Plural, namespace: string): readonly JsonObject[]
  /** Changes an object by a merge patch, its status too where `part` says so. */
  patch(plural: Plural, namespace: string, name: string, patch: JsonObject, part?: Part): void
  /** Puts an object there, with its status. */
  create(plural: Plural, namespace: string, object: JsonObject): void
  remove(plural: Plural, namespace: string, name: string): void
  close(): Promise<void>
}

/** Where the shipped Role expects Slipway's service account. */
const account = 'system:serviceaccount:claude-enhancer:slipway'
const slipway = { name: account, token: 'slipway-token' }
const admin = { name: 'admin', token: 'admin-token' }

/** What somebody may do to whom nothing is forbidden. */
const everything: AccessRule = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] }

/** Starts a stand-in on loopback. It keeps everything in memory. */
export async function startCluster(options: StandInOptions = {}): Promise<StandIn> {
  const { port = 0, readyMs = 500, stopMs = 200, objects = [], limited = false } = options
  const store = new Store()
  runDeploymentController(store)
  runJobController(store)
  runAutoscalerController(store, stopMs)
  runKubelet(store, { readyMs, stopMs })
  store.create('namespaces', '', { metadata: { name: 'default' } }, 'kube-apiserver')
  for (const object of objects) seed(store, object)

  const server = await listen(
    {
      store,
      users: new Map([slipway, admin].map(({ name, token }) => [token, name])),
      rules: (user, namespace) => (!limited || user !== slipway.name ? [everything] : rulesOf(store, user, namespace)),
      may: (user, wanted) => !limited || user !== slipway.name || rolesAllow(store, user, wanted),
    },
    port,
  )
  const address = z.object({ port: z.int() }).parse(server.address())
  const url = `http://127.0.0.1:${address.port}`
  const namespace = objects.map((object) => metadataOf(object).namespace).find((name) => name !== '') ?? 'default'
  return {
    url,
    kubeconfigYaml: kubeconfig(url, slipway, namespace),
    adminKubeconfigYaml: kubeconfig(url, admin, namespace),
    get: (plural, namespace, name) => store.find({ plural, namespace, name }),
    list: (plural, namespace) => store.list(plural, namespace).items,
    patch(plural, namespace, name, patch, part = 'object') {
      store.update({ plural, namespace, name }, part, 'sandbox', (present) => applyMergePatch(present, patch))
    },
    create(plural, namespace, object) {
      store.create(plural, namespace, object, 'sandbox')
    },
    remove(plural, namespace, name) {
      store.remove({ plural, namespace, name })
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

function seed(store: Store, object: JsonObject): void {
  const resource = resources.find(({ kind }) => kind === object.kind)
  if (!resource) throw new Error(`The stand-in does not know ${String(object.kind)}`)
  const { namespace } = metadataOf(object)
  store.create(resource.plural, resource.namespaced ? namespace : '', object, 'kubectl-client-side-apply')
}

function kubeconfig(server: string, user: { name: string; token: string }, namespace: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    // client-node speaks plain HTTP only when told not to verify.
    clusters: [{ name: 'sandbox', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: user.name, user: { token: user.token } }],
    contexts: [{ name: 'sandbox', context: { cluster: 'sandbox', user: user.name, namespace } }],
    'current-context': 'sandbox',
  })
}
