import { z } from 'zod'
import { runController } from './controller.ts'
import { type JsonObject, parseJsonObject } from './json.ts'
import { metadataOf, timestamp } from './metadata.ts'
import { createPod, ownerOf, phaseOf, podKey } from './pod-objects.ts'
import type { Key, Store } from './store.ts'

const manager = 'kube-controller-manager'

const jobSchema = z.looseObject({
  spec: z.looseObject({ parallelism: z.int(), completions: z.int(), backoffLimit: z.int(), template: z.unknown() }),
  status: z.looseObject({
    startTime: z.string().optional(),
    conditions: z.array(z.looseObject({ type: z.string() })).optional(),
  }),
})

/** Starts the pods of Jobs, and reports how many are at work, how many succeeded and failed, and how each Job ended. */
export function runJobController(store: Store): void {
  runController(store, 'jobs', (key) => {
    const object = store.find(key)
    if (object) reconcile(store, key, object)
    else for (const pod of podsOf(store, key)) store.remove(podKey(pod))
  })
}

function reconcile(store: Store, key: Key, object: JsonObject): void {
  const { spec, status } = jobSchema.parse(object)
  if ((status.conditions ?? []).length > 0) return
  const { uid } = metadataOf(object)
  const phases = podsOf(store, key).map(phaseOf)
  const [succeeded, failed] = ['Succeeded', 'Failed'].map((phase) => phases.filter((one) => one === phase).length)
  const ended = endOf(spec, succeeded ?? 0, failed ?? 0)
  const present = phases.length - (succeeded ?? 0) - (failed ?? 0)
  const wanted = ended ? 0 : Math.min(spec.parallelism, spec.completions - (succeeded ?? 0))
  const labels = { 'controller-uid': uid, 'job-name': key.name }
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name: key.name, uid }
  for (let count = present; count < wanted; count += 1) {
    createPod(store, key.namespace, owner, parseJsonObject(spec.template), labels)
  }
  const counts = { active: Math.max(present, wanted), succeeded: succeeded ?? 0, failed: failed ?? 0 }
  store.update(key, 'status', manager, (now) => ({
    ...now,
    status: {
      startTime: status.startTime ?? timestamp(),
      // The API leaves zeros out.
      ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
      ...ended,
    },
  }))
}

function endOf(
  { completions, backoffLimit }: z.infer<typeof jobSchema>['spec'],
  succeeded: number,
  failed: number,
): JsonObject | undefined {
  const time = timestamp()
  const condition = (type: string, more: JsonObject): JsonObject => ({
    type,
    status: 'True',
    lastProbeTime: time,
    lastTransitionTime: time,
    ...more,
  })
  if (succeeded >= completions) return { completionTime: time, conditions: [condition('Complete', {})] }
  if (failed <= backoffLimit) return undefined
  const why = { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' }
  return { conditions: [condition('Failed', why)] }
}

function podsOf(store: Store, { namespace, name }: Key): readonly JsonObject[] {
  return store.list('pods', namespace).items.filter((pod) => {
    const owner = ownerOf(pod)
    return owner?.kind === 'Job' && owner.name === name
  })
}
