import type { Track } from '../rollout/plan.ts'
import type { ManagedRoute } from './find-route.ts'
import type { Destination, RouteEntry, RouteObject } from './route-object.ts'
import { isSameHost } from './service-host.ts'

/** The routes of an object beside the managed one: the managed weights don't reach them. */
export function routesBeside({ routes }: RouteObject, { path }: ManagedRoute): readonly RouteEntry[] {
  return routes.filter((route) => route.path !== path)
}

/**
 * The routes of an object, beside the managed one, that send requests or copies of them to a track: by name, or by place (`number 2`)
 * where they have none. `leads`: does a destination lead to a track's pods? As far as its own name and the track's say, by default.
 */
export function otherRoutes(
  object: RouteObject,
  route: ManagedRoute,
  leads = (to: Destination, track: Track): boolean => isSamePods(to, route.pair[track], object.metadata.namespace),
): Readonly<Record<Track, readonly string[]>> {
  const others = routesBeside(object, route)
  const leadingTo = (track: Track) =>
    others.filter(({ sendsTo }) => sendsTo.some((to) => leads(to, track))).map((one) => labelOf(object, one))
  return { blue: leadingTo('blue'), green: leadingTo('green') }
}

function labelOf({ routes }: RouteObject, route: RouteEntry): string {
  return route.name ?? `number ${routes.indexOf(route) + 1}`
}

/**
 * Do two destinations in an object of `namespace` share pods, as their names say? A host without a subset has the pods of all its
 * subsets; of two subsets, and of two hosts, only the labels say more.
 */
export function isSamePods(one: Destination, two: Destination, namespace: string): boolean {
  const apart = one.subset !== undefined && two.subset !== undefined && one.subset !== two.subset
  return !apart && isSameHost(one.host, two.host, namespace)
}
