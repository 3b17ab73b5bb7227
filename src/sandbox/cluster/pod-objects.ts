import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { type JsonObject, member } from './json.ts'
import { metadataOf, timestamp } from './metadata.ts'
import type { Key, Store } from './store.ts'

const schema = z.looseObject({
  metadata: z.looseObject({
    ownerReferences: z.array(z.looseObject({ kind: z.string(), name: z.string() })).optional(),
  }),
  spec: z.looseObject({ containers: z.array(z.looseObject({ name: z.string(), image: z.string() })) }),
  status: z
    .looseObject({
      phase: z.string().optional(),
      conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).optional(),
    })
    .optional(),
})

/** Label that tells pods of different templates apart. */
export const hashLabel = 'pod-template-hash'

export function podKey(pod: JsonObject): Key {
  const { name, namespace } = metadataOf(pod)
  return { plural: 'pods', namespace, name }
}

export function containersOf(pod: JsonObject): readonly { readonly name: string; readonly image: string }[] {
  return schema.parse(pod).spec.containers
}

export function isReady(pod: JsonObject): boolean {
  const conditions = schema.parse(pod).status?.conditions ?? []
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
}

export function phaseOf(pod: JsonObject): string {
  return schema.parse(pod).status?.phase ?? ''
}

export function ownerOf(pod: JsonObject): { readonly kind: string; readonly name: string } | undefined {
  return schema.parse(pod).metadata.ownerReferences?.[0]
}

/** The Deployment that a pod belongs to: its ReplicaSet's name without the template's hash. */
export function deploymentOf(pod: JsonObject): string | undefined {
  const owner = ownerOf(pod)
  return owner?.kind === 'ReplicaSet' ? owner.name.replace(/-[^-]+$/, '') : undefined
}

/** Whose pod it is. */
export type Owner = Readonly<Record<'apiVersion' | 'kind' | 'name' | 'uid', string>>

export function createPod(
  store: Store,
  namespace: string,
  owner: Owner,
  template: JsonObject,
  labels: Readonly<Record<string, string>>,
): void {
  const metadata = member(template, 'metadata')
  const pod: JsonObject = {
    metadata: {
      name: `${owner.name}-${randomBytes(3).toString('hex').slice(0, 5)}`,
      labels: { ...member(metadata, 'labels'), ...labels },
      annotations: member(metadata, 'annotations'),
      ownerReferences: [{ ...owner, controller: true }],
    },
    spec: member(template, 'spec'),
    status: { phase: 'Pending' },
  }
  store.create('pods', namespace, pod, 'kube-controller-manager')
}

/** Marks a pod as leaving; the kubelet takes it away when it has stopped. */
export function terminate(store: Store, key: Key): JsonObject {
  return store.update(key, 'object', 'kube-controller-manager', (present) => ({
    ...present,
    metadata: { deletionTimestamp: timestamp(), deletionGracePeriodSeconds: 30, ...member(present, 'metadata') },
  }))
}
