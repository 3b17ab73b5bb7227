import type { Track } from '../rollout/plan.ts'
import type { ManagedRoute } from './find-route.ts'
import type { RouteObject } from './route-object.ts'
import { isSameHost } from './service-host.ts'

/**
 * The routes of an object, beside the managed one, that send requests or copies of them to a track: by name, or by place (`number 2`)
 * where they have none. The managed weights don't reach them.
 */
export function otherRoutes(
  { routes, metadata }: RouteObject,
  { path, pair }: ManagedRoute,
): Readonly<Record<Track, readonly string[]>> {
  const others = routes
    .map((route, index) => ({ ...route, label: route.name ?? `number ${index + 1}` }))
    .filter((route) => route.path !== path)
  const leadingTo = ({ host, subset }: ManagedRoute['pair'][Track]) =>
    others
      .filter(({ sendsTo }) =>
        sendsTo.some((one) => one.subset === subset && isSameHost(one.host, host, metadata.namespace)),
      )
      .map(({ label }) => label)
  return { blue: leadingTo(pair.blue), green: leadingTo(pair.green) }
}
