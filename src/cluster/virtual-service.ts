import { z } from 'zod'
import { pointer } from './json-pointer.ts'
import {
  type Destination,
  type DestinationEntry,
  type RouteEntry,
  routeMetadata,
  type TrafficKind,
} from './route-object.ts'

const destination = z.looseObject({ host: z.string(), subset: z.string().exactOptional() })
const routeDestination = z.looseObject({
  destination,
  weight: z.int().nonnegative().exactOptional(),
})
const httpRoute = z.looseObject({
  name: z.string().exactOptional(),
  route: z.array(routeDestination).exactOptional(),
  // Whatever a mirror looks like, it must not keep a rollback from reading the route.
  mirror: destination.optional().catch(undefined),
  mirrors: z.array(z.looseObject({ destination })).optional().catch(undefined),
})
const schema = z.looseObject({
  metadata: routeMetadata,
  spec: z.looseObject({ http: z.array(httpRoute).exactOptional() }),
})

/** Istio's VirtualService: its HTTP routes. TCP and TLS routes are none of Slipway's business. */
export const virtualService: TrafficKind = {
  title: 'VirtualService',
  resource: { group: 'networking.istio.io', version: 'v1', plural: 'virtualservices' },
  field: 'http',
  route: 'HTTP route',
  read(object) {
    const { metadata, spec } = schema.parse(object)
    const what = `VirtualService ${metadata.namespace}/${metadata.name}`
    return { what, metadata, routes: (spec.http ?? []).map(routeEntry) }
  },
}

function routeEntry(route: z.infer<typeof httpRoute>, index: number): RouteEntry {
  const path = pointer('spec', 'http', index)
  const destinations = (route.route ?? []).map((entry, at) => destinationEntry(entry, path + pointer('route', at)))
  return { name: route.name ?? null, path, destinations, sendsTo: [...receivers(destinations), ...mirrors(route)] }
}

/** Istio gives an only destination everything, whatever its weight. */
function receivers(destinations: readonly DestinationEntry[]): readonly Destination[] {
  return destinations.length === 1 ? destinations : destinations.filter(({ weight }) => weight > 0)
}

function mirrors({ mirror, mirrors: more = [] }: z.infer<typeof httpRoute>): readonly Destination[] {
  return [...(mirror === undefined ? [] : [mirror]), ...more.map((one) => one.destination)]
}

function destinationEntry({ destination, weight }: z.infer<typeof routeDestination>, path: string): DestinationEntry {
  const { host, subset } = destination
  return {
    path,
    host,
    ...(subset !== undefined && { subset }),
    // Istio takes an absent weight for 0.
    weight: weight ?? 0,
    written: weight !== undefined,
    // The whole of it, with fields Slipway doesn't know.
    identity: [{ op: 'test', path: path + pointer('destination'), value: destination }],
  }
}
