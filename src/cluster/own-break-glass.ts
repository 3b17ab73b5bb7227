import type { KubeConfig } from '@kubernetes/client-node'
import type { Config } from '../config/config.ts'
import { SlipwayError } from '../errors.ts'
import type { BreakGlass, Clock, Cluster } from '../jobs/ports.ts'
import { isObserved, isOver, type State } from '../rollout/state.ts'
import { breakGlassClient, breakGlassOver } from './break-glass.ts'
import type { Client } from './client.ts'

export interface OwnBreakGlassOptions {
  readonly kubeConfig: KubeConfig
  readonly config: Config
  readonly clock: Clock
  readonly cluster: Cluster
  /** What this process has seen of the open rollouts. */
  readonly known: () => readonly State[]
}

/**
 * Break-glass as the bot uses it: the route's name is configured, so that it needs no right to list. Which track is
 * stable comes from the last known state; a process that has seen none reads it from the mark.
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

  async function target(): Promise<{ readonly rollout: number; readonly stable: 'blue' | 'green' }> {
    const state = known().find((s) => !isOver(s) && !isObserved(s) && s.parts !== undefined)
    if (state?.parts !== undefined) return { rollout: state.rollout, stable: state.parts.stable }
    const { mark } = (await cluster.view()).route
    if (mark === null) throw new SlipwayError('cluster-not-found', { what: 'A mark of a rollout' })
    return mark
  }

  return async (by, whenEmpty) => {
    const { rollout, stable } = await target()
    return breakGlassOver(client(), {
      by,
      clock,
      whenEmpty,
      known: { config: config.cluster, service, rollout, stable },
    })
  }
}
