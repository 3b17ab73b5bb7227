import { z } from 'zod'
import { pointer } from './json-pointer.ts'
import { type DestinationEntry, type RouteEntry, routeMetadata, type TrafficKind } from './route-object.ts'

const routeDestination = z.looseObject({
  destination: z.looseObject({ host: z.string(), subset: z.string().exactOptional() }),
  weight: z.int().nonnegative().exactOptional(),
})
const httpRoute = z.looseObject({
  name: z.string().exactOptional(),
  route: z.array(routeDestination).exactOptional(),
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

function routeEntry({ name, route }: z.infer<typeof httpRoute>, index: number): RouteEntry {
  const path = pointer('spec', 'http', index)
  const destinations = (route ?? []).map((entry, at) => destinationEntry(entry, path + pointer('route', at)))
  return { name: name ?? null, path, destinations }
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
