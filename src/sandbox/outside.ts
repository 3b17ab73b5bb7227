import { join } from 'node:path'
import { type FaultProxy, type LinkFault, startFaultProxy } from './fault-proxy.ts'
import { kubeconfigTo, portOfKubeconfig } from './kubeconfig-to.ts'
import type { Kubernetes } from './kubernetes.ts'
import type { SandboxPagerDuty } from './pagerduty/pagerduty.ts'
import { seededRandom } from './service/random.ts'
import type { StrictSlack } from './strict-slack/strict-slack.ts'

/** The systems around Slipway that can be made unwell. */
export const systems = ['redis', 'prometheus', 'pagerduty', 'kubernetes', 'slack'] as const
export type System = (typeof systems)[number]

/** How a system is unwell. */
export const manners = ['off', 'slow', 'failing'] as const
export type Manner = (typeof manners)[number]

/** What a manner means, for people: completes "redis is off: …". */
export const mannerEffects: Readonly<Record<Manner, string>> = {
  off: 'no connection comes through',
  slow: 'answers come late, or too late',
  failing: 'every call is answered by an error',
}

/** The systems around Slipway as it reaches them: each can be made unwell, for Slipway alone. */
export interface Outside {
  /** Where Slipway finds them. */
  readonly redisUrl: string
  readonly prometheusUrl: string
  readonly kubeconfig: string
  /** Makes one unwell until it is healed. False: it is a real one, out of reach. */
  break(system: System, manner: Manner): boolean
  /** Makes one well again, or all of them. Returns those that were unwell. */
  heal(system?: System): readonly System[]
  /** Those that are unwell, and how. */
  broken(): ReadonlyMap<System, Manner>
  close(): Promise<void>
}

/** An HTTP answer and the end of its connection. */
const httpError = 'HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n'
/** What a Redis says that can't keep what it is told. */
const redisError = '-MISCONF Errors writing to the AOF file: No space left on device\r\n'

function faultOf(manner: Manner, error: string): LinkFault {
  if (manner === 'off') return { kind: 'cut' }
  if (manner === 'slow') return { kind: 'slow', delay: 600, jitter: 0.5 }
  return { kind: 'answer', text: error }
}

/** Puts a proxy before what has no way of its own of being unwell. A real cluster, outside this machine, gets none. */
export async function startOutside(options: {
  readonly dir: string
  readonly redisUrl: string
  readonly prometheusUrl: string
  readonly kubernetes: Kubernetes
  readonly isRealCluster: boolean
  readonly pagerduty: SandboxPagerDuty
  readonly slack: StrictSlack
}): Promise<Outside> {
  const { dir, redisUrl, prometheusUrl, kubernetes, isRealCluster, pagerduty, slack } = options
  const random = seededRandom(1)
  const before = (target: number) => startFaultProxy({ target, random })
  const [redis, prometheus, cluster] = await Promise.all([
    before(Number(new URL(redisUrl).port)),
    before(Number(new URL(prometheusUrl).port)),
    isRealCluster ? null : portOfKubeconfig(kubernetes.kubeconfig).then(before),
  ])
  const through = (proxy: FaultProxy, error: string) => (manner: Manner | null) =>
    proxy.setFault(manner === null ? null : faultOf(manner, error))
  const set: Readonly<Record<System, ((manner: Manner | null) => void) | null>> = {
    redis: through(redis, redisError),
    prometheus: through(prometheus, httpError),
    kubernetes: cluster && through(cluster, httpError),
    pagerduty: (manner) => pagerduty.setFault(manner),
    slack: (manner) => slack.setFault(manner),
  }
  const unwell = new Map<System, Manner>()
  return {
    redisUrl: `redis://127.0.0.1:${redis.port}`,
    prometheusUrl: `http://127.0.0.1:${prometheus.port}`,
    kubeconfig: cluster
      ? await kubeconfigTo(cluster.port, kubernetes.slipwayKubeconfig, join(dir, 'kubeconfig-slipway'))
      : kubernetes.slipwayKubeconfig,
    break(system, manner) {
      const change = set[system]
      if (change === null) return false
      change(manner)
      unwell.set(system, manner)
      return true
    },
    heal(system) {
      const was = [...unwell.keys()].filter((one) => system === undefined || one === system)
      for (const one of was) {
        set[one]?.(null)
        unwell.delete(one)
      }
      return was
    },
    broken: () => unwell,
    async close() {
      await Promise.all([redis.close(), prometheus.close(), cluster?.close()])
    },
  }
}
