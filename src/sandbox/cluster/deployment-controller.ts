import { createHash } from 'node:crypto'
import { z } from 'zod'
import { runController } from './controller.ts'
import { complete, conditionsAfter } from './deployment-conditions.ts'
import { type JsonObject, member, parseJsonObject } from './json.ts'
import { metadataOf } from './metadata.ts'
import { createPod, deploymentOf, hashLabel, isReady, podKey, terminate } from './pod-objects.ts'
import { rollingStep } from './rolling-step.ts'
import type { Key, Store } from './store.ts'

const manager = 'kube-controller-manager'
const revisionAnnotation = 'deployment.kubernetes.io/revision'
const amountSchema = z.union([z.int(), z.string()]).optional()

const specSchema = z.looseObject({
  replicas: z.int(),
  progressDeadlineSeconds: z.int().default(600),
  strategy: z
    .looseObject({
      type: z.string().optional(),
      rollingUpdate: z.looseObject({ maxSurge: amountSchema, maxUnavailable: amountSchema }).optional(),
    })
    .optional(),
  template: z.unknown(),
})

/** Brings pods to what the Deployments want, and their status to what is there, whenever either changes. */
export function runDeploymentController(store: Store): void {
  /** The template that a Deployment (by uid) was last seen with. */
  const templates = new Map<string, string>()
  const deadlines = new Map<string, NodeJS.Timeout>()
  const plan = runController(store, 'deployments', (key) => {
    const object = store.find(key)
    if (!object) return collectGarbage(store, key)
    const deadline = reconcile(store, key, object, templates)
    const id = `${key.namespace}/${key.name}`
    clearTimeout(deadlines.get(id))
    if (deadline !== null) deadlines.set(id, setTimeout(() => plan(key), deadline).unref())
  })
}

/** Returns when to look again though nothing changes, in ms from now: when the progress would have taken too long. */
function reconcile(store: Store, key: Key, object: JsonObject, templates: Map<string, string>): number | null {
  const spec = specSchema.parse(object.spec)
  const template = parseJsonObject(spec.template)
  const hash = createHash('sha1').update(JSON.stringify(template)).digest('hex').slice(0, 10)
  const newTemplate = noteRevision(store, key, object, hash, templates)
  const allowed = limits(spec)
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${key.name}-${hash}`, uid: hash }

  const live = podsOf(store, key)
    .filter((pod) => metadataOf(pod).deletionTimestamp === undefined)
    .map((pod) => ({ pod, ready: isReady(pod), current: metadataOf(pod).labels[hashLabel] === hash }))
  const current = live.filter((pod) => pod.current)
  const step = rollingStep({
    replicas: spec.replicas,
    ...allowed,
    current,
    old: live.filter((pod) => !pod.current),
  })
  for (let count = 0; count < step.create; count += 1) {
    createPod(store, key.namespace, owner, template, { [hashLabel]: hash })
  }
  for (const { pod } of step.remove) terminate(store, podKey(pod))

  const ready = live.filter((pod) => pod.ready && !step.remove.includes(pod)).length
  const counts = {
    replicas: live.length + step.create - step.remove.length,
    updatedReplicas: current.length + step.create - step.remove.filter((pod) => pod.current).length,
    readyReplicas: ready,
    availableReplicas: ready,
    unavailableReplicas: Math.max(0, spec.replicas - ready),
  }
  // The API leaves zeros out.
  const status = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
  const deadline = 1_000 * spec.progressDeadlineSeconds
  const standing = {
    name: key.name,
    wanted: spec.replicas,
    minAvailable: spec.replicas - allowed.maxUnavailable,
    ...counts,
    newTemplate,
    deadline,
  }
  const conditions = conditionsAfter(member(object, 'status'), standing, Date.now())
  store.update(key, 'status', manager, (present) => ({
    ...present,
    status: { observedGeneration: metadataOf(present).generation, ...status, conditions },
  }))
  const underWay = conditions.some(
    ({ type, status: holds, reason }) => type === 'Progressing' && holds === 'True' && reason !== complete,
  )
  return underWay ? deadline : null
}

/** Returns whether the template is new. */
function noteRevision(
  store: Store,
  key: Key,
  object: JsonObject,
  hash: string,
  templates: Map<string, string>,
): boolean {
  const { uid, annotations } = metadataOf(object)
  if (templates.get(uid) === hash) return false
  templates.set(uid, hash)
  const revision = String(Number(annotations[revisionAnnotation] ?? 0) + 1)
  store.update(key, 'object', manager, (present) => {
    const metadata = member(present, 'metadata')
    const noted = { ...member(metadata, 'annotations'), [revisionAnnotation]: revision }
    return { ...present, metadata: { ...metadata, annotations: noted } }
  })
  return true
}

function limits({ replicas, strategy }: z.infer<typeof specSchema>): { maxSurge: number; maxUnavailable: number } {
  if (strategy?.type === 'Recreate') return { maxSurge: 0, maxUnavailable: replicas }
  const maxSurge = count(strategy?.rollingUpdate?.maxSurge ?? '25%', replicas, Math.ceil)
  const maxUnavailable = count(strategy?.rollingUpdate?.maxUnavailable ?? '25%', replicas, Math.floor)
  // With neither it could never move.
  return { maxSurge, maxUnavailable: maxSurge + maxUnavailable === 0 ? 1 : maxUnavailable }
}

function count(amount: number | string, replicas: number, round: (value: number) => number): number {
  return typeof amount === 'number' ? amount : round((Number.parseFloat(amount) * replicas) / 100)
}

function podsOf(store: Store, { namespace, name }: Key): readonly JsonObject[] {
  return store.list('pods', namespace).items.filter((pod) => deploymentOf(pod) === name)
}

function collectGarbage(store: Store, key: Key): void {
  for (const pod of podsOf(store, key)) store.remove(podKey(pod))
}
