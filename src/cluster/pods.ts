import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node'
import type { TrackView } from '../jobs/ports.ts'

type Problem = NonNullable<TrackView['problem']>

/** Reasons of a waiting container that don't go away by waiting. Others (`ContainerCreating`, `PodInitializing`) do. */
const stuck = new Set([
  'ImagePullBackOff',
  'ErrImagePull',
  'InvalidImageName',
  'CrashLoopBackOff',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
])

/** Does the pod carry all these labels? */
export function hasLabels(pod: V1Pod, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(labels).every(([key, value]) => pod.metadata?.labels?.[key] === value)
}

/** Is the pod still there for work: not finished, evicted or failed for good? One that is being deleted still counts. */
export function isThere(pod: V1Pod): boolean {
  return pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed'
}

/** Does the container of that name run (or try to run) this image? */
export function runsImage(pod: V1Pod, container: string, image: string): boolean {
  return pod.spec?.containers.some((found) => found.name === container && found.image === image) ?? false
}

/** What these pods' containers of that name say they run, each once; one that has pulled nothing yet says nothing. */
export function imageIdsOf(pods: readonly V1Pod[], container: string): readonly string[] {
  const statuses = pods.flatMap((pod) => pod.status?.containerStatuses ?? [])
  const ids = statuses.filter(({ name, imageID }) => name === container && imageID !== '').map((s) => s.imageID)
  return [...new Set(ids)].toSorted()
}

/** Is the pod ready for traffic, and not about to leave? */
export function isReady(pod: V1Pod): boolean {
  const ready = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
  return ready && pod.metadata?.deletionTimestamp === undefined
}

/** Why a pod that isn't ready won't become so by waiting, in its own words. */
export function problemOf(pod: V1Pod): Problem | undefined {
  if (isReady(pod) || pod.metadata?.deletionTimestamp !== undefined) return undefined
  const name = pod.metadata?.name ?? ''
  const unscheduled = pod.status?.conditions?.find(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'Unschedulable',
  )
  if (unscheduled) return { pod: name, reason: 'Unschedulable', message: unscheduled.message ?? '' }
  const containers = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
  for (const container of containers) {
    const problem = containerProblem(container)
    if (problem) return { pod: name, ...problem }
  }
  return undefined
}

function containerProblem(container: V1ContainerStatus): Omit<Problem, 'pod'> | undefined {
  const { state, lastState, restartCount, name } = container
  // Out of memory is the cause, the waiting that follows only its effect.
  const killed = [state?.terminated, lastState?.terminated].find((end) => end?.reason === 'OOMKilled')
  if (killed) {
    const message = killed.message ?? `container ${name} ran out of memory, ${restartCount} restarts`
    return { reason: 'OOMKilled', message }
  }
  const reason = state?.waiting?.reason
  return reason !== undefined && stuck.has(reason) ? { reason, message: state?.waiting?.message ?? '' } : undefined
}
