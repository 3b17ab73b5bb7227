import { z } from 'zod'
import { type JsonObject, member } from './json.ts'
import { metadataOf } from './metadata.ts'
import type { Store } from './store.ts'

const schema = z.looseObject({
  spec: z.looseObject({
    minReplicas: z.int(),
    maxReplicas: z.int(),
    scaleTargetRef: z.looseObject({ kind: z.string(), name: z.string() }),
  }),
})

/** On an autoscaler: `none` when there is no load for its pods. */
export const loadAnnotation = 'sandbox.slipway.dev/load'

/**
 * Keeps a Deployment's pods within its autoscaler's bounds, a moment after they change. There is load for as many as there are,
 * unless the autoscaler is annotated otherwise: then it takes them away, down to its minimum. One whose Deployment wants no pods
 * at all is switched off.
 */
export function runAutoscalerController(store: Store, afterMs: number): void {
  store.onChange(({ key }) => {
    if (key.plural !== 'horizontalpodautoscalers' && key.plural !== 'deployments') return
    for (const scaler of store.list('horizontalpodautoscalers', key.namespace).items)
      setTimeout(() => scale(store, scaler), afterMs).unref()
  })
}

function scale(store: Store, { metadata }: JsonObject): void {
  const { name, namespace } = metadataOf({ metadata: metadata ?? {} })
  const scaler = store.find({ plural: 'horizontalpodautoscalers', namespace, name })
  if (scaler === undefined) return
  const { minReplicas, maxReplicas, scaleTargetRef } = schema.parse(scaler).spec
  const target = { plural: 'deployments', namespace, name: scaleTargetRef.name } as const
  const deployment = store.find(target)
  if (deployment === undefined) return
  const replicas = z.int().parse(member(deployment, 'spec').replicas)
  if (replicas === 0) return
  const isIdle = metadataOf(scaler).annotations[loadAnnotation] === 'none'
  const wanted = isIdle ? minReplicas : Math.min(Math.max(replicas, minReplicas), maxReplicas)
  store.update(target, 'object', 'kube-controller-manager', (present) => ({
    ...present,
    spec: { ...member(present, 'spec'), replicas: wanted },
  }))
}
