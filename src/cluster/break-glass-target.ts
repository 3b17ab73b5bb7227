import type { ClusterConfig } from '../config/config.ts'
import { SlipwayError } from '../errors.ts'
import type { Clock } from '../jobs/ports.ts'
import type { Track } from '../rollout/plan.ts'
import type { Client } from './client.ts'
import { refuseOlder } from './fence.ts'
import { parseMark, type StoredMark } from './mark.ts'
import { markAnnotation } from './names.ts'
import { createTraffic, markFor, refuseOtherService } from './traffic.ts'
import { findRoute, type ManagedRoute, nameOf, type VirtualService } from './virtual-service.ts'
import type { RouteAccess } from './write-route.ts'

/** What break-glass acts on. */
export interface BreakGlassTarget {
  readonly access: RouteAccess
  readonly stable: Track
  /** Stable's Deployment. */
  readonly deployment: string
  /** The mark to close, for the route as it is read before each write; throws when a newer rollout has taken over. */
  markOn(route: ManagedRoute): StoredMark
}

/** The target of a running Slipway, which knows the rollout: works also when the mark is missing. */
export async function knownTarget(
  client: Client,
  clock: Clock,
  known: { config: ClusterConfig; service: string; rollout: number; stable: Track },
): Promise<BreakGlassTarget> {
  const { config, service, rollout, stable } = known
  const traffic = createTraffic(client, config, service, clock)
  return {
    access: traffic.access,
    stable,
    deployment: config.tracks[stable].deployment,
    markOn(route) {
      refuseOtherService(route, service)
      const version = route.mark?.rollout === rollout ? route.mark.version : 0
      refuseOlder(route.what, { rollout, version }, route.mark)
      return markFor(traffic, route, { rollout, version }, stable, 0)
    },
  }
}

/**
 * The target by the marks in the namespace. Throws `route-ambiguous` when several services are marked and none is named,
 * `cluster-not-found` when none is, `cluster-unreadable` when the mark that matters can't be read.
 */
export async function markedTarget(client: Client, clock: Clock, service?: string): Promise<BreakGlassTarget> {
  const { virtualService, mark } = pick(client.namespace, await client.listVirtualServices(), service)
  const name = virtualService.metadata.name
  const read = async () => findRoute(await client.readVirtualService(name), mark.route, mark.destinations)
  return {
    access: { client, clock, virtualService: name, read },
    stable: mark.stable,
    deployment: mark.deployments[mark.stable],
    markOn(route) {
      const found = route.mark
      if (!found) throw new SlipwayError('cluster-not-found', { what: `The mark on ${route.what}` })
      refuseOtherService(route, mark.service)
      refuseOlder(route.what, { rollout: mark.rollout, version: found.version }, found)
      return found
    },
  }
}

interface Marked {
  readonly virtualService: VirtualService
  readonly mark: StoredMark
}

function pick(namespace: string, all: readonly VirtualService[], service?: string): Marked {
  const readable: Marked[] = []
  const unreadable: SlipwayError[] = []
  for (const virtualService of all) {
    try {
      const mark = parseMark(nameOf(virtualService), virtualService.metadata.annotations?.[markAnnotation])
      if (mark && (service === undefined || mark.service === service)) readable.push({ virtualService, mark })
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error
      unreadable.push(error)
    }
  }
  const [only, ...others] = readable
  // A broken mark matters unless the one that is meant was named and found.
  if (unreadable[0] && (!only || service === undefined)) throw unreadable[0]
  if (!only) {
    const whose =
      service === undefined ? 'A VirtualService marked by Slipway' : `A VirtualService marked for ${service}`
    throw new SlipwayError('cluster-not-found', { what: `${whose} in namespace ${namespace}` })
  }
  if (others.length > 0) {
    const names = readable
      .map(({ mark, virtualService }) => `${mark.service} (${virtualService.metadata.name})`)
      .join(', ')
    throw new SlipwayError('route-ambiguous', { what: `Namespace ${namespace}`, names })
  }
  return only
}
