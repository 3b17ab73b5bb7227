import type { KubeConfig } from '@kubernetes/client-node'
import type { Config } from '../config/config.ts'
import { SlipwayError } from '../errors.ts'
import type { BreakGlass, Clock, Cluster } from '../jobs/ports.ts'
import type { Track } from '../rollout/plan.ts'
import { isObserved, isOver, type State } from '../rollout/state.ts'
import { breakGlassClient, breakGlassOver } from './break-glass.ts'
import type { Client } from './client.ts'

/** Whose traffic is taken back, and to where. */
interface Target {
  readonly rollout: number
  readonly stable: Track
  readonly stableSize: number
}

export interface OwnBreakGlassOptions {
  readonly kubeConfig: KubeConfig
  readonly config: Pick<Config, 'cluster' | 'service'>
  readonly clock: Clock
  readonly cluster: Cluster
  /** What this process has seen of the open rollouts. */
  readonly known: () => readonly State[]
}

/**
 * Break-glass as the bot uses it: the route's name is configured, so that it needs no right to list. Which track is
 * stable comes from the last known state; a process that has seen none, or one older than the cluster carries, reads it from the mark.
 */
export function createBreakGlass({ kubeConfig, ...options }: OwnBreakGlassOptions): BreakGlass {
  return ownBreakGlassOver(() => breakGlassClient(kubeConfig, options.config.cluster.namespace), options)
}

/** The same over clients that are made elsewhere, one for each order. */
export function ownBreakGlassOver(
  client: () => Client,
  { config, clock, cluster, known }: Omit<OwnBreakGlassOptions, 'kubeConfig'>,
): BreakGlass {
  const { service } = config

  function fromMemory(): Target | null {
    const state = known().find((s) => !isOver(s) && !isObserved(s) && s.parts !== undefined)
    return state?.parts === undefined ? null : { rollout: state.rollout, ...state.parts }
  }

  async function fromMark(): Promise<Target> {
    const { tracks, route } = await cluster.view()
    const { mark } = route
    if (mark === null) throw new SlipwayError('cluster-not-found', { what: 'A mark of a rollout' })
    const { rollout, stable, canary } = mark
    return { rollout, stable, stableSize: Math.max(tracks[stable].replicas, tracks[canary].replicas) }
  }

  return async (by, whenEmpty, only) => {
    const over = ({ rollout, stable, stableSize }: Target) => {
      const known = { config: config.cluster, service, rollout, stable, stableSize }
      return breakGlassOver(client(), { by, clock, whenEmpty, known })
    }
    const seen = fromMemory()
    if (seen === null || (only !== undefined && seen.rollout !== only)) {
      const marked = await fromMark()
      if (only === undefined || marked.rollout === only) return over(marked)
      if (marked.rollout < only) throw new SlipwayError('cluster-not-found', { what: `A mark of rollout ${only}` })
      throw new SlipwayError('newer-fence', { what: 'the route', ours: `${only}`, found: `${marked.rollout}` })
    }
    try {
      return await over(seen)
    } catch (error) {
      // A newer rollout began that this process has not seen: its traffic is what is to be taken back.
      if (only === undefined && error instanceof SlipwayError && error.code === 'newer-fence')
        return over(await fromMark())
      throw error
    }
  }
}
