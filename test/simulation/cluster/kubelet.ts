import type { V1Pod } from '@kubernetes/client-node'
import type { Track } from '../../../src/rollout/plan.ts'
import type { Random } from '../random.ts'
import type { Timeline } from '../timeline.ts'

/** How ill the pods of a track are at this moment: the share that is not ready, and whether new ones don't start. */
export interface PodHealth {
  readonly unready: number
  readonly stuck: boolean
}

/** The pods of one Deployment, as controller and kubelet make them follow what is wanted, a while later. */
export interface Pods {
  /** Wanted now; the controller sees it a moment later. */
  want(image: string, replicas: number): void
  /** Number of changes that the controller has seen. */
  readonly observed: number
  ready(): number
  list(): readonly V1Pod[]
}

interface Pod {
  readonly name: string
  readonly image: string
  readonly readyAt: number
}

export function createPods(
  timeline: Timeline,
  random: Random,
  track: Track,
  labels: Readonly<Record<string, string>>,
  health: () => PodHealth,
): Pods {
  let pods: readonly Pod[] = []
  let wanted = { image: '', replicas: 0 }
  let changes = 0
  let observed = 0
  let made = 0

  const isReady = (pod: Pod, index: number) => {
    const { unready, stuck } = health()
    if (pod.readyAt > timeline.now) return false
    return index >= Math.ceil(unready * pods.length) && !(stuck && pod.readyAt > timeline.now - 60_000)
  }

  function follow(): void {
    const kept = pods.filter((p) => p.image === wanted.image).slice(0, wanted.replicas)
    const fresh = Array.from({ length: wanted.replicas - kept.length }, (): Pod => {
      made += 1
      return { name: `${track}-${made}`, image: wanted.image, readyAt: timeline.now + random.int(500, 6_000) }
    })
    pods = [...kept, ...fresh]
  }

  return {
    want(image, replicas) {
      wanted = { image, replicas }
      changes += 1
      const seen = changes
      timeline.after(random.int(20, 400), () => {
        observed = Math.max(observed, seen)
        follow()
      })
    },
    get observed() {
      return observed
    },
    ready: () => pods.filter(isReady).length,
    list: () =>
      pods.map((pod, index) => {
        const ready = isReady(pod, index)
        return {
          metadata: { name: pod.name, labels: { ...labels } },
          spec: { containers: [{ name: 'claude-enhancer', image: pod.image }] },
          status: {
            phase: 'Running',
            conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
            ...(!ready &&
              health().stuck && {
                containerStatuses: [
                  {
                    name: 'claude-enhancer',
                    image: pod.image,
                    imageID: '',
                    ready: false,
                    restartCount: 0,
                    state: { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } },
                  },
                ],
              }),
          },
        }
      }),
  }
}
