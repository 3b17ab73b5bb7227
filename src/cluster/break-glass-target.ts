import type { ClusterConfig } from '../config/config.ts'
import { SlipwayError } from '../errors.ts'
import { lastFence } from '../jobs/last-fence.ts'
import type { Clock, Fence } from '../jobs/ports.ts'
import type { Track } from '../rollout/plan.ts'
import type { Deployments } from './autoscalers.ts'
import type { Client } from './client.ts'
import { refuseOlder } from './fence.ts'
import { findRoute, type ManagedRoute } from './find-route.ts'
import { parseMark, type StoredMark } from './mark.ts'
import { markAnnotation } from './names.ts'
import { deploymentsOf } from './reader.ts'
import type { RouteObject, TrafficKind } from './route-object.ts'
import { type RestoreOrder, standBy } from './stand-by.ts'
import type { TimedSteps } from './timed-steps.ts'
import { createTraffic, markFor, refuseOtherService } from './traffic.ts'
import { trafficKinds } from './traffic-kinds.ts'
import { createWorkloads } from './workloads.ts'
import type { RouteAccess } from './write-route.ts'

/** What break-glass acts on. */
export interface BreakGlassTarget {
  readonly access: RouteAccess
  readonly stable: Track
  /** The tracks' Deployments. */
  readonly deployments: Deployments
  /**
   * The mark to close, for the route as it is read before each write; throws when a newer rollout has taken over, or stable is another
   * track by now.
   */
  markOn(route: ManagedRoute): StoredMark
  /** Sees to it that stable can take the traffic back, as far as it is known what that takes. Throws `stable-not-ready` under `hold`. */
  standBy(steps: TimedSteps, fence: Fence, order: Pick<RestoreOrder, 'whenEmpty' | 'since'>): Promise<void>
}

/** The target of a running Slipway, which knows the rollout: works also when the mark is missing. */
export async function knownTarget(
  client: Client,
  clock: Clock,
  known: { config: ClusterConfig; service: string; rollout: number; stable: Track; stableSize: number },
): Promise<BreakGlassTarget> {
  const { config, service, rollout, stable, stableSize: size } = known
  const traffic = createTraffic(client, config, service, clock)
  return {
    access: traffic.access,
    stable,
    deployments: deploymentsOf(config),
    markOn(route) {
      refuseOtherService(route, service)
      const ours = { rollout, version: 0 }
      // The rollout is complete, its tracks have changed their parts, and the old stable may have no pods any more.
      const isDone = route.mark?.rollout === rollout && route.mark.stable !== stable
      const fence = route.mark?.rollout === rollout && !isDone ? route.mark : ours
      refuseOlder(route.what, fence, route.mark)
      return markFor(traffic, route, fence, stable, 0)
    },
    async standBy(steps, ours, order) {
      const workloads = createWorkloads(client, config, clock)
      const found = await steps.attempt(`read the fence of ${stable}`, () => workloads.read(stable))
      // The mark has the fence of the last weight; a size of the same rollout may have been written since.
      const fence = lastFence(ours, found instanceof SlipwayError ? null : found.fence)
      await standBy(traffic, workloads, steps, { ...order, stable, size, fence })
    },
  }
}

/**
 * The target by the marks in the namespace. Throws `route-ambiguous` when several services are marked and none is named,
 * `cluster-not-found` when none is, `cluster-unreadable` when the mark that matters can't be read.
 */
export async function markedTarget(client: Client, clock: Clock, service?: string): Promise<BreakGlassTarget> {
  const { kind, object, mark } = await pick(client, service)
  const { name } = object.metadata
  const read = async (dispensable?: Track) =>
    findRoute(kind, await client.readRoute(kind, name), mark.route, mark.destinations, dispensable)
  return {
    access: { client, clock, kind, name, read },
    stable: mark.stable,
    deployments: mark.deployments,
    markOn(route) {
      const found = route.mark
      if (!found) throw new SlipwayError('cluster-not-found', { what: `The mark on ${route.what}` })
      refuseOtherService(route, mark.service)
      refuseOlder(route.what, { rollout: mark.rollout, version: found.version }, found)
      // A clean-up has swapped the parts, and what was stable is about to have no pods: the target is found anew.
      if (found.stable !== mark.stable) throw new SlipwayError('cluster-refused', { what: route.what, status: 409 })
      return found
    },
    async standBy(steps, _fence, { whenEmpty }) {
      if (whenEmpty === 'hold') await refuseEmpty(client, mark, steps)
    },
  }
}

/** Throws when stable surely has no ready pod. Not knowing is no obstacle. */
async function refuseEmpty(client: Client, { deployments, stable }: StoredMark, steps: TimedSteps): Promise<void> {
  const found = await steps.attempt(`read ${stable}`, () => client.readDeployment(deployments[stable]))
  const gone = found instanceof SlipwayError && found.code === 'cluster-not-found'
  const empty = !(found instanceof SlipwayError) && (found.status?.readyReplicas ?? 0) === 0
  if (gone || empty) throw new SlipwayError('stable-not-ready', { track: stable })
}

interface Marked {
  readonly kind: TrafficKind
  readonly object: RouteObject
  readonly mark: StoredMark
}

async function pick(client: Client, service?: string): Promise<Marked> {
  const readable: Marked[] = []
  const unreadable: SlipwayError[] = []
  for (const kind of Object.values(trafficKinds)) {
    const objects = await listIfServed(client, kind)
    if (objects instanceof SlipwayError) unreadable.push(objects)
    for (const object of objects instanceof SlipwayError ? [] : objects) {
      try {
        const mark = parseMark(object.what, object.metadata.annotations?.[markAnnotation])
        if (mark && (service === undefined || mark.service === service)) readable.push({ kind, object, mark })
      } catch (error) {
        if (!(error instanceof SlipwayError)) throw error
        unreadable.push(error)
      }
    }
  }
  const [only, ...others] = readable
  const broken = unreadable.find(({ code }) => code === 'cluster-unreadable')
  // A broken mark matters unless the one that is meant was named and found; a kind that may not be listed, when nothing was found.
  if (broken && (!only || service === undefined)) throw broken
  if (!only) {
    const whose = service === undefined ? 'A route marked by Slipway' : `A route marked for ${service}`
    throw unreadable[0] ?? new SlipwayError('cluster-not-found', { what: `${whose} in namespace ${client.namespace}` })
  }
  if (others.length > 0) {
    const names = readable.map(({ mark, object }) => `${mark.service} (${object.what})`).join(', ')
    throw new SlipwayError('route-ambiguous', { what: `Namespace ${client.namespace}`, names })
  }
  return only
}

/** A kind that the cluster doesn't know has no objects. That one may not be listed keeps nobody from the other. */
async function listIfServed(client: Client, kind: TrafficKind): Promise<readonly RouteObject[] | SlipwayError> {
  try {
    return await client.listRoutes(kind)
  } catch (error) {
    if (error instanceof SlipwayError && error.code === 'cluster-not-found') return []
    if (error instanceof SlipwayError && error.code === 'cluster-forbidden') return error
    throw error
  }
}
