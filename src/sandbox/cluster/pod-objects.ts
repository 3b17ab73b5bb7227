import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { type JsonObject, member } from './json.ts'
import { metadataOf, timestamp } from './metadata.ts'
import type { Key, Store } from './store.ts'

const schema = z.looseObject({
  metadata: z.looseObject({ ownerReferences: z.array(z.looseObject({ name: z.string() })).optional() }),
  spec: z.looseObject({ containers: z.array(z.looseObject({ name: z.string(), image: z.string() })) }),
  status: z
    .looseObject({ conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).optional() })
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

/** The Deployment that a pod belongs to: its ReplicaSet's name without the template's hash. */
export function deploymentOf(pod: JsonObject): string | undefined {
  return schema.parse(pod).metadata.ownerReferences?.[0]?.name.replace(/-[^-]+$/, '')
}

export function createPod(store: Store, { namespace, name }: Key, template: JsonObject, hash: string): void {
  const metadata = member(template, 'metadata')
  const pod: JsonObject = {
    metadata: {
      name: `${name}-${hash}-${randomBytes(3).toString('hex').slice(0, 5)}`,
      labels: { ...member(metadata, 'labels'), [hashLabel]: hash },
      annotations: member(metadata, 'annotations'),
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${name}-${hash}`, uid: hash, controller: true },
      ],
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
