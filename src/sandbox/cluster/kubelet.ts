import { type JsonObject, member } from './json.ts'
import { metadataOf, timestamp } from './metadata.ts'
import { containersOf, podKey } from './pod-objects.ts'
import type { Key, Store } from './store.ts'

export interface KubeletOptions {
  /** How long a pod takes to become ready, in ms. */
  readonly readyMs: number
  /** How long a pod takes to stop, in ms. */
  readonly stopMs: number
}

const nodeName = 'node-1'

/**
 * Stands in for a node and its kubelet: a pod becomes ready after a while, and goes a while after it was deleted. A job's pod ends
 * a while after it started. An image whose name holds `broken` is never pulled, one with `crash` or `oom` never stays up, and for one
 * with `homeless` there is no room.
 */
export function runKubelet(store: Store, { readyMs, stopMs }: KubeletOptions): void {
  store.create('nodes', '', node(), 'kubelet')
  const started = new Set<string>()
  const stopping = new Set<string>()
  store.onChange(({ key }) => {
    if (key.plural !== 'pods') return
    const pod = store.find(key)
    if (!pod) return
    const { uid, deletionTimestamp } = metadataOf(pod)
    if (deletionTimestamp !== undefined)
      once(stopping, uid, stopMs, () => ifSame(store, key, uid, () => store.remove(key)))
    else once(started, uid, readyMs, () => ifSame(store, key, uid, report))
  })

  function report(pod: JsonObject): void {
    const { uid, deletionTimestamp } = metadataOf(pod)
    if (deletionTimestamp !== undefined) return
    const key = podKey(pod)
    if (imageOf(pod).includes('homeless')) {
      store.update(key, 'status', 'kube-scheduler', (present) => ({ ...present, status: homeless() }))
      return
    }
    store.update(key, 'object', 'kube-scheduler', (present) => ({
      ...present,
      spec: { ...member(present, 'spec'), nodeName },
    }))
    store.update(key, 'status', 'kubelet', (present) => ({ ...present, status: statusOf(pod) }))
    if (runsOn(pod)) return
    setTimeout(() => ifSame(store, key, uid, end), readyMs).unref()
  }

  function end(pod: JsonObject): void {
    const status = member(pod, 'status')
    if (status.phase !== 'Running') return
    const phase = imageOf(pod).includes('crash') ? 'Failed' : 'Succeeded'
    store.update(podKey(pod), 'status', 'kubelet', (present) => ({ ...present, status: { ...status, phase } }))
  }
}

function node(): JsonObject {
  const amounts = { cpu: '64', memory: '256Gi', pods: '500' }
  return {
    metadata: { name: nodeName, labels: { 'kubernetes.io/hostname': nodeName } },
    spec: {},
    status: {
      capacity: amounts,
      allocatable: amounts,
      conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', lastTransitionTime: timestamp() }],
    },
  }
}

/** Is the pod to be started again when it ends? */
function runsOn(pod: JsonObject): boolean {
  return (member(pod, 'spec').restartPolicy ?? 'Always') === 'Always'
}

function imageOf(pod: JsonObject): string {
  return containersOf(pod)[0]?.image ?? ''
}

function once(done: Set<string>, uid: string, after: number, work: () => void): void {
  if (done.has(uid)) return
  done.add(uid)
  setTimeout(work, after).unref()
}

function ifSame(store: Store, key: Key, uid: string, work: (pod: JsonObject) => void): void {
  const pod = store.find(key)
  if (pod && metadataOf(pod).uid === uid) work(pod)
}

function homeless(): JsonObject {
  const message = '0/1 nodes are available: 1 Insufficient cpu.'
  const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }
  return { phase: 'Pending', conditions: [{ ...condition, lastTransitionTime: timestamp() }] }
}

/** How a container ended whose image never stays up. */
function endOf(image: string): JsonObject {
  return image.includes('oom') ? { exitCode: 137, reason: 'OOMKilled' } : { exitCode: 1, reason: 'Error' }
}

function statusOf(pod: JsonObject): JsonObject {
  const containers = containersOf(pod)
  const image = imageOf(pod)
  const crashes = /crash|oom/.test(image) && runsOn(pod)
  const fault = image.includes('broken') ? 'ImagePullBackOff' : crashes ? 'CrashLoopBackOff' : undefined
  const time = timestamp()
  const condition = (type: string, holds: boolean): JsonObject => ({
    type,
    status: holds ? 'True' : 'False',
    lastTransitionTime: time,
  })
  return {
    phase: fault === 'ImagePullBackOff' ? 'Pending' : 'Running',
    podIP: '10.1.0.1',
    startTime: time,
    conditions: [
      condition('Initialized', true),
      condition('PodScheduled', true),
      condition('Ready', !fault),
      condition('ContainersReady', !fault),
    ],
    containerStatuses: containers.map((container) => ({
      name: container.name,
      image: container.image,
      imageID: `docker-pullable://${container.image}`,
      ready: !fault,
      started: !fault,
      restartCount: fault === 'CrashLoopBackOff' ? 5 : 0,
      ...(fault === 'CrashLoopBackOff' && { lastState: { terminated: { ...endOf(image), finishedAt: time } } }),
      state: fault
        ? { waiting: { reason: fault, message: `${fault}: ${container.image}` } }
        : { running: { startedAt: time } },
    })),
  }
}
