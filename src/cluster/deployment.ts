import type { V1Deployment, V1DeploymentCondition, V1PodTemplateSpec } from '@kubernetes/client-node'
import { SlipwayError } from '../errors.ts'
import type { Fence, PodProblem } from '../jobs/ports.ts'
import { parseFence } from './fence.ts'
import { harmless } from './harmless.ts'
import { imageManager, lastManager } from './last-manager.ts'
import { fenceAnnotation } from './names.ts'

/** What a Deployment says is told in so many characters at most. */
const longest = 400

/** What Slipway reads of a Deployment. */
export interface Deployment {
  /** For words: which object this is. */
  readonly what: string
  readonly name: string
  readonly resourceVersion: string
  readonly annotated: boolean
  readonly fence: Fence | null
  /** Wanted size. */
  readonly replicas: number
  /** Where the configured container stands in the pod template. */
  readonly containerIndex: number
  readonly image: string
  /** Labels that its pods carry. */
  readonly podLabels: Readonly<Record<string, string>>
  /** Ready pods by the controller's own count, of any image. */
  readonly readyPods: number
  /** Has the controller seen the last change? */
  readonly observed: boolean
  /** Why it gets no pods, or no further, by its own conditions. */
  readonly problem?: PodProblem
  readonly template: V1PodTemplateSpec
  /** The field managers that wrote the template, and the size, last. */
  readonly lastManager: string | undefined
  readonly sizedBy: string | undefined
}

/** Takes a Deployment as the API server gave it. Throws `cluster-not-found` when it has no container of that name. */
export function readDeployment(deployment: V1Deployment, container: string): Deployment {
  const { metadata, spec, status } = deployment
  const what = `Deployment ${metadata?.namespace}/${metadata?.name}`
  if (!metadata?.name || !metadata.resourceVersion || !spec) throw new SlipwayError('cluster-unreadable', { what })
  const containers = spec.template.spec?.containers ?? []
  const containerIndex = containers.findIndex(({ name }) => name === container)
  const found = containers[containerIndex]
  if (!found) throw new SlipwayError('cluster-not-found', { what: `Container ${container} of ${what}` })
  const observed = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0)
  const problem = observed ? problemOf(metadata.name, status?.conditions ?? []) : undefined
  return {
    what,
    name: metadata.name,
    resourceVersion: metadata.resourceVersion,
    annotated: metadata.annotations !== undefined,
    fence: parseFence(what, metadata.annotations?.[fenceAnnotation]),
    replicas: spec.replicas ?? 1,
    containerIndex,
    image: found.image ?? '',
    podLabels: spec.selector.matchLabels ?? {},
    readyPods: status?.readyReplicas ?? 0,
    observed,
    ...(problem && { problem }),
    template: spec.template,
    lastManager: imageManager(metadata.managedFields),
    sizedBy: lastManager(metadata.managedFields, 'replicas'),
  }
}

/** No pod could be made (a quota, an admission webhook), or the progress deadline has passed. */
function problemOf(pod: string, conditions: readonly V1DeploymentCondition[]): PodProblem | undefined {
  const failure =
    conditions.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True') ??
    conditions.find(({ type, status }) => type === 'Progressing' && status === 'False')
  if (failure === undefined) return undefined
  const { reason = failure.type, message = '' } = failure
  return { pod, reason, message: harmless(message, longest) }
}
