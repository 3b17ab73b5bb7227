import type { Fence } from '../jobs/ports.ts'
import type { Deployment } from './deployment.ts'
import { fenceText } from './fence.ts'
import type { JsonPatch, Operation } from './json-patch.ts'
import { pointer } from './json-pointer.ts'
import { fenceAnnotation } from './names.ts'

/** A track's new size, and image where it changes too. */
export interface SizeChange {
  readonly image?: string
  readonly replicas: number
  /** A track that is larger by the time of the write keeps its size: pods that serve are never scaled down. */
  readonly atLeast?: true
}

/** The patch that brings a Deployment to size and image under a fence; empty when it is all there already. */
export function sizePatch(deployment: Deployment, change: SizeChange, container: string, fence: Fence): JsonPatch {
  const writes: Operation[] = []
  const containerPath = (member: string) =>
    pointer('spec', 'template', 'spec', 'containers', deployment.containerIndex, member)
  const stays = change.atLeast ? deployment.replicas >= change.replicas : deployment.replicas === change.replicas
  if (!stays) {
    // `add` sets a member whether it is there or not: an absent size is the API's way to say 1.
    writes.push({ op: 'add', path: '/spec/replicas', value: change.replicas })
  }
  if (change.image !== undefined && change.image !== deployment.image) {
    writes.push({ op: 'add', path: containerPath('image'), value: change.image })
  }
  const found = deployment.fence && fenceText(deployment.fence)
  if (found !== fenceText(fence)) {
    // Also when nothing else changes: from now on an older order, still under way, finds a newer fence.
    if (!deployment.annotated) writes.push({ op: 'add', path: '/metadata/annotations', value: {} })
    writes.push({ op: 'add', path: pointer('metadata', 'annotations', fenceAnnotation), value: fenceText(fence) })
  }
  if (writes.length === 0) return []
  const exactly = found === null || (change.atLeast && !stays)
  const unchanged: Operation = exactly
    ? { op: 'test', path: '/metadata/resourceVersion', value: deployment.resourceVersion }
    : { op: 'test', path: pointer('metadata', 'annotations', fenceAnnotation), value: found }
  return [unchanged, { op: 'test', path: containerPath('name'), value: container }, ...writes]
}
