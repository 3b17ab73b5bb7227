import type { KubeConfig } from '@kubernetes/client-node'
import type { ClusterConfig } from '../config/config.ts'
import { SlipwayError } from '../errors.ts'
import type { Clock } from '../jobs/ports.ts'
import type { Track } from '../rollout/plan.ts'
import type { MarkedPoint } from '../rollout/point-of-no-return.ts'
import type { Step } from '../rollout/step.ts'
import { unpin } from './autoscalers.ts'
import { type BreakGlassTarget, knownTarget, markedTarget } from './break-glass-target.ts'
import { type Client, createClient } from './client.ts'
import { isRestored } from './restore.ts'
import { createTimedSteps, type TimedSteps } from './timed-steps.ts'
import { allTo, other, percentOf } from './weights.ts'
import { readBack, withoutNeed, writeRoute } from './write-route.ts'

export interface BreakGlassOptions {
  readonly kubeConfig: KubeConfig
  /** Default: the namespace of the kubeconfig's context. */
  readonly namespace?: string
  /** Needed only when several services of the namespace carry a mark. */
  readonly service?: string
  /** Who does it, for the mark: `cli:user@host`. */
  readonly by: string
  readonly clock: Clock
  /** What a running Slipway knows; without it everything comes from the mark on the cluster. */
  readonly known?: {
    readonly config: ClusterConfig
    readonly service: string
    readonly rollout: number
    readonly stable: Track
    /** How many pods stable had when the rollout started. */
    readonly stableSize: number
  }
  /** What to do when stable has no ready pod: `hold` (default) throws `stable-not-ready`, `go-ahead` writes all the same. */
  readonly whenEmpty?: 'hold' | 'go-ahead'
}

export interface BrokenGlass {
  readonly namespace: string
  /** For words: the object that was written. */
  readonly what: string
  readonly service: string
  readonly rollout: number
  readonly stable: Track
  readonly canary: Track
  /** The canary's weight in percent before, and as read back. */
  readonly from: number
  readonly to: number
  readonly steps: readonly Step[]
  /** The point of no return that the mark tells of, passed or not. */
  readonly pointOfNoReturn?: MarkedPoint
}

/** Time for the whole, in ms: under the 30 s within which a rollback must be done, with room for the call that is under way. */
const limit = 24_000

/** Time limit of one call, in ms. */
const callTimeout = 4_000

/** Time between two attempts when the API server can't be reached, in ms. */
const pause = 300

/** A client with the patience that break-glass has for a call. */
export function breakGlassClient(kubeConfig: KubeConfig, namespace: string): Client {
  return createClient({ kubeConfig, namespace, timeout: callTimeout })
}

/**
 * Takes all traffic to stable with nothing but a kubeconfig, and closes the fence: this rollout never writes a weight again. Goes on
 * through conflicts and time-outs for 24 s. Throws what stood in the way last.
 */
export async function breakGlass({ kubeConfig, namespace, ...options }: BreakGlassOptions): Promise<BrokenGlass> {
  const context = kubeConfig.getContextObject(kubeConfig.getCurrentContext())
  const found = namespace ?? options.known?.config.namespace ?? context?.namespace ?? 'default'
  return breakGlassOver(breakGlassClient(kubeConfig, found), options)
}

type OrderOptions = Omit<BreakGlassOptions, 'kubeConfig' | 'namespace'>

/** The same over a client that is there already. */
export async function breakGlassOver(client: Client, options: OrderOptions): Promise<BrokenGlass> {
  const { clock, known } = options
  const steps = createTimedSteps(clock)
  const since = clock.now()
  const deadline = since + limit
  for (;;) {
    try {
      const target = await steps.run('find the route', () =>
        known ? knownTarget(client, clock, known) : markedTarget(client, clock, options.service),
      )
      return await takeBack(client, options, target, steps, since)
    } catch (error) {
      const worthTrying = error instanceof SlipwayError && isPassing(error)
      if (!worthTrying || clock.now() + pause >= deadline) throw error
    }
    await clock.wait(pause)
  }
}

/** Is this an error that another attempt may not meet? */
function isPassing(error: SlipwayError): boolean {
  if (error.code === 'cluster-unreachable' || error.code === 'read-back-differs') return true
  if (error.code !== 'cluster-refused' || !('status' in error.detail)) return false
  // 409 and 422: somebody else wrote at the same moment, each time; 5xx: the API server stumbled.
  const { status } = error.detail
  return status === 409 || status === 422 || status >= 500
}

async function takeBack(
  client: Client,
  { by, clock, whenEmpty = 'hold' }: OrderOptions,
  target: BreakGlassTarget,
  steps: TimedSteps,
  since: number,
): Promise<BrokenGlass> {
  const { stable } = target
  const canary = other(stable)
  const access = withoutNeed(target.access, canary)
  const first = await steps.run('read the route', access.read)
  const fence = target.markOn(first)
  if (!isRestored(first, stable)) await target.standBy(steps, fence, { whenEmpty, since })
  const before = await writeRoute(access, steps, (route) => {
    const restored = isRestored(route, stable)
    const mark = target.markOn(route)
    if (restored && mark.closed) return null
    const closed = { ...mark, weight: 0, closed: true, by, at: new Date(clock.now()).toISOString() }
    return restored ? { mark: closed } : { mark: closed, weights: allTo(route, stable) }
  })
  const to = await readBack(access, steps, canary, allTo(before, stable))
  const { service, rollout, version, pointOfNoReturn: point } = target.markOn(before)
  // The weights are what matters: that an autoscaler could not be written stands among the steps, and Slipway tries again.
  await steps.attempt('give the autoscalers their minimum back', () =>
    unpin(client, clock, target.deployments, { rollout, version }),
  )
  const names = { namespace: client.namespace, what: before.what, service, rollout, stable, canary }
  const marked = point === undefined ? {} : { pointOfNoReturn: point }
  return { ...names, from: percentOf(before, canary), to, steps: steps.list, ...marked }
}
