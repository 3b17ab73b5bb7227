import { z } from 'zod'
import { SlipwayError } from '../errors.ts'
import type { Fence } from '../jobs/ports.ts'
import { fenceText, parseFence } from './fence.ts'
import type { JsonPatch, Operation } from './json-patch.ts'
import { pointer } from './json-pointer.ts'
import { fenceAnnotation, minimumAnnotation } from './names.ts'
import type { ObjectKind } from './route-object.ts'

/** Version 1: all that is touched here is the same in version 2, and every Kubernetes serves it. */
export const autoscalerKind: ObjectKind = {
  title: 'HorizontalPodAutoscaler',
  resource: { group: 'autoscaling', version: 'v1', plural: 'horizontalpodautoscalers' },
}

const schema = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string(),
    resourceVersion: z.string(),
    annotations: z.record(z.string(), z.string()).exactOptional(),
  }),
  spec: z.looseObject({
    // Absent, it is the API's way to say 1.
    minReplicas: z.number().default(1),
    maxReplicas: z.number(),
    scaleTargetRef: z.looseObject({ kind: z.string(), name: z.string() }),
  }),
})

/** What stands on a pinned one: the minimum it had, and the one that it was given instead. */
const pin = z.object({ own: z.int().nonnegative(), pinned: z.int().nonnegative() }).readonly()

/** What Slipway reads of a HorizontalPodAutoscaler of a Deployment. */
export interface Autoscaler {
  /** For words: which object this is. */
  readonly what: string
  readonly name: string
  readonly resourceVersion: string
  readonly annotated: boolean
  /** The Deployment that it sizes. */
  readonly deployment: string
  readonly minimum: number
  readonly maximum: number
  readonly fence: Fence | null
  readonly pin: z.infer<typeof pin> | null
}

/** Takes an object as the API server gave it; null for one that sizes something else than a Deployment. */
export function readAutoscaler(object: unknown): Autoscaler | null {
  const { metadata, spec } = schema.parse(object)
  if (spec.scaleTargetRef.kind !== 'Deployment') return null
  const what = `${autoscalerKind.title} ${metadata.namespace}/${metadata.name}`
  return {
    what,
    name: metadata.name,
    resourceVersion: metadata.resourceVersion,
    annotated: metadata.annotations !== undefined,
    deployment: spec.scaleTargetRef.name,
    minimum: spec.minReplicas,
    maximum: spec.maxReplicas,
    fence: parseFence(what, metadata.annotations?.[fenceAnnotation]),
    pin: parsePin(what, metadata.annotations?.[minimumAnnotation]),
  }
}

/** Absent is null; one that can't be read is an error: the minimum that was there must not be forgotten. */
function parsePin(what: string, text: string | undefined): Autoscaler['pin'] {
  if (text === undefined) return null
  try {
    return pin.parse(JSON.parse(text))
  } catch (cause) {
    throw new SlipwayError('cluster-unreadable', { what: `The minimum on ${what}` }, { cause })
  }
}

/** The minimum that is its own: the one before it was pinned, unless somebody else has written another since. */
function ownMinimum({ minimum, pin }: Autoscaler): number {
  return pin?.pinned === minimum ? pin.own : minimum
}

/** The patch that lets it go no lower than `wanted` pods, as far as its maximum allows; empty when it stands so. */
export function pinPatch(scaler: Autoscaler, wanted: number, fence: Fence): JsonPatch {
  const own = ownMinimum(scaler)
  const pinned = Math.min(Math.max(own, wanted), scaler.maximum)
  // One that is high enough by itself is left alone.
  if (scaler.pin === null && pinned === scaler.minimum) return []
  const isCurrent = scaler.fence !== null && fenceText(scaler.fence) === fenceText(fence)
  if (isCurrent && scaler.minimum === pinned && scaler.pin?.own === own && scaler.pin.pinned === pinned) return []
  const value = JSON.stringify({ own, pinned })
  return guarded(scaler, fence, [
    { op: 'add', path: pointer('metadata', 'annotations', minimumAnnotation), value },
    { op: 'add', path: '/spec/minReplicas', value: pinned },
  ])
}

/** The patch that gives it its own minimum back; empty when it is not pinned. The fence stays, as on the Deployments. */
export function unpinPatch(scaler: Autoscaler, fence: Fence): JsonPatch {
  if (scaler.pin === null) return []
  return guarded(scaler, fence, [
    { op: 'remove', path: pointer('metadata', 'annotations', minimumAnnotation) },
    { op: 'add', path: '/spec/minReplicas', value: ownMinimum(scaler) },
  ])
}

/** Writes nothing when the object has changed since it was read. */
function guarded({ resourceVersion, annotated }: Autoscaler, fence: Fence, writes: JsonPatch): JsonPatch {
  const annotations: readonly Operation[] = annotated ? [] : [{ op: 'add', path: '/metadata/annotations', value: {} }]
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
    ...annotations,
    { op: 'add', path: pointer('metadata', 'annotations', fenceAnnotation), value: fenceText(fence) },
    ...writes,
  ]
}
