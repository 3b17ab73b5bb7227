import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node'
import type { PodProblem } from '../jobs/ports.ts'
import { harmless } from './harmless.ts'

/** What a pod says is told in so many characters at most. */
const longest = 400

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

/** Those of these pods that carry the labels and stay: neither finished nor about to leave. */
export function staying(pods: readonly V1Pod[], labels: Readonly<Record<string, string>>): readonly V1Pod[] {
  return pods.filter((p) => hasLabels(p, labels) && isThere(p) && p.metadata?.deletionTimestamp === undefined)
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
export function problemOf(pod: V1Pod): PodProblem | undefined {
  if (isReady(pod) || pod.metadata?.deletionTimestamp !== undefined) return undefined
  const name = pod.metadata?.name ?? ''
  const unscheduled = pod.status?.conditions?.find(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'Unschedulable',
  )
  if (unscheduled) return { pod: name, reason: 'Unschedulable', message: harmless(unscheduled.message ?? '', longest) }
  const containers = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
  for (const container of containers) {
    const problem = containerProblem(container)
    if (problem) return { pod: name, ...problem, message: harmless(problem.message, longest) }
  }
  return undefined
}

function containerProblem(container: V1ContainerStatus): Omit<PodProblem, 'pod'> | undefined {
  const { state, lastState, restartCount, name } = container
  const waiting = state?.waiting
  const isStuck = waiting?.reason !== undefined && stuck.has(waiting.reason)
  const ends = [state?.terminated, lastState?.terminated]
  // Out of memory is the cause, the waiting that follows only its effect.
  const killed = ends.find((end) => end?.reason === 'OOMKilled')
  const end = killed ?? ends.find((one) => one !== undefined)
  const ended = { container: name, previous: state?.running !== undefined }
  const restarts = restartCount === 1 ? '1 restart' : `${restartCount} restarts`
  if (killed) {
    const message = killed.message ?? `container ${name} ran out of memory, ${restarts}`
    return { reason: 'OOMKilled', message, ended }
  }
  // An init container that is done has ended, too, and well.
  const failed = state?.terminated !== undefined && state.terminated.exitCode !== 0
  if (end !== undefined && (isStuck || failed)) {
    const own = end.message === undefined ? '' : `: ${end.message}`
    const message = `container ${name} ended with exit code ${end.exitCode}, ${restarts}${own}`
    return { reason: waiting?.reason ?? end.reason ?? 'Error', message, ended }
  }
  return isStuck ? { reason: waiting?.reason ?? '', message: waiting?.message ?? '' } : undefined
}
