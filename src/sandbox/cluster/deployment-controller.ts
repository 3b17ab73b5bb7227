import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { type JsonObject, member, parseJsonObject } from './json.ts'
import { metadataOf, selects } from './metadata.ts'
import { rollingStep } from './rolling-step.ts'
import type { Key, Store } from './store.ts'

const manager = 'kube-controller-manager'
const revisionAnnotation = 'deployment.kubernetes.io/revision'

const deploymentSchema = z.looseObject({
  spec: z.looseObject({
    replicas: z.int(),
    selector: z.looseObject({ matchLabels: z.record(z.string(), z.string()) }),
    strategy: z
      .looseObject({
        type: z.string().optional(),
        rollingUpdate: z
          .looseObject({
            maxSurge: z.union([z.int(), z.string()]).optional(),
            maxUnavailable: z.union([z.int(), z.string()]).optional(),
          })
          .optional(),
      })
      .optional(),
    template: z.looseObject({}),
  }),
})

/** Brings pods to what the Deployments want, whenever something changes. */
export function runDeploymentController(store: Store): void {
  const due = new Map<string, Key>()
  store.onChange(({ plural, namespace, name }) => {
    if (plural === 'deployments') plan({ plural, namespace, name })
    if (plural === 'pods') {
      for (const object of store.list('deployments', namespace).items) {
        plan({ plural: 'deployments', namespace, name: metadataOf(object).name })
      }
    }
  })

  function plan(key: Key): void {
    const id = `${key.namespace}/${key.name}`
    if (!due.has(id)) {
      setImmediate(() => {
        due.delete(id)
        reconcile(store, key)
      })
    }
    due.set(id, key)
  }
}

function reconcile(store: Store, key: Key): void {
  const object = store.find(key)
  const pods = ownedBy(store, key)
  if (!object) {
    // The garbage collector's part.
    for (const pod of pods) store.remove(podKey(pod))
    return
  }
  const { spec } = deploymentSchema.parse(object)
  const hash = createHash('sha1').update(JSON.stringify(spec.template)).digest('hex').slice(0, 10)
  if (keepRevision(store, key, object, hash)) return
  const live = pods.filter((pod) => metadataOf(pod).deletionTimestamp === undefined)
  const ofHash = (pod: JsonObject) => metadataOf(pod).labels['pod-template-hash'] === hash
  const current = live.filter(ofHash)
  const old = live.filter((pod) => !ofHash(pod))
  const recreate = spec.strategy?.type === 'Recreate'
  const rolling = spec.strategy?.rollingUpdate ?? {}
  const surge = recreate ? 0 : amount(rolling.maxSurge ?? '25%', spec.replicas, Math.ceil)
  const unavailable = recreate ? spec.replicas : amount(rolling.maxUnavailable ?? '25%', spec.replicas, Math.floor)
  const step = rollingStep({
    replicas: spec.replicas,
    maxSurge: surge,
    maxUnavailable: surge === 0 && unavailable === 0 ? 1 : unavailable,
    current: current.map((pod) => ({ pod, ready: isReady(pod) })),
    old: old.map((pod) => ({ pod, ready: isReady(pod) })),
  })
  const template = parseJsonObject(spec.template)
  for (let count = 0; count < step.create; count += 1) createPod(store, key, template, hash)
  for (const pod of step.remove) terminate(store, pod)
  if (step.create > 0 || step.remove.length > 0) return
  const ready = live.filter(isReady).length
  const counts = {
    replicas: live.length,
    updatedReplicas: current.length,
    readyReplicas: ready,
    availableReplicas: ready,
    unavailableReplicas: Math.max(0, spec.replicas - ready),
  }
  const status = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
  const { generation } = metadataOf(object)
  store.update(key, 'status', manager, (present) => ({
    ...present,
    status: { observedGeneration: generation, ...status },
  }))
}

/** The controller notes which template it is at. Returns whether it wrote. */
function keepRevision(store: Store, key: Key, object: JsonObject, hash: string): boolean {
  const { annotations } = metadataOf(object)
  const noted = member(member(object, 'status'), 'templates')
  const number = noted[hash] ?? Object.keys(noted).length + 1
  if (noted[hash] === undefined || annotations[revisionAnnotation] !== String(number)) {
    return false
  }
  return store === undefined && key === undefined
}

function ownedBy(store: Store, { namespace, name }: Key): JsonObject[] {
  return store.list('pods', namespace).items.filter((pod) => ownerOf(pod) === name)
}

const ownerSchema = z.looseObject({
  metadata: z.looseObject({ ownerReferences: z.array(z.looseObject({ name: z.string() })).optional() }),
})

/** The Deployment's name from that of the pod's ReplicaSet: the name without the template's hash. */
function ownerOf(pod: JsonObject): string | undefined {
  return ownerSchema.parse(pod).metadata.ownerReferences?.[0]?.name.replace(/-[^-]+$/, '')
}
