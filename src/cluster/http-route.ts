import { z } from 'zod'
import type { Operation } from './json-patch.ts'
import { pointer } from './json-pointer.ts'
import {
  type Destination,
  type DestinationEntry,
  type RouteEntry,
  routeMetadata,
  type TrafficKind,
} from './route-object.ts'

const reference = {
  group: z.string().exactOptional(),
  kind: z.string().exactOptional(),
  name: z.string(),
  namespace: z.string().exactOptional(),
}
type Reference = z.infer<z.ZodObject<typeof reference>>
const filters = z
  .array(z.looseObject({ requestMirror: z.looseObject({ backendRef: z.looseObject(reference) }).exactOptional() }))
  .optional()
  // Whatever a mirror looks like, it must not keep a rollback from reading the route.
  .catch(undefined)
const backendRef = z.looseObject({ ...reference, weight: z.int().nonnegative().exactOptional(), filters })
const rule = z.looseObject({
  name: z.string().exactOptional(),
  backendRefs: z.array(backendRef).exactOptional(),
  filters,
})
const schema = z.looseObject({
  metadata: routeMetadata,
  spec: z.looseObject({ rules: z.array(rule).exactOptional() }),
})

/** The Gateway API's HTTPRoute: its rules, and of their backends the Services. */
export const httpRoute: TrafficKind = {
  title: 'HTTPRoute',
  resource: { group: 'gateway.networking.k8s.io', version: 'v1', plural: 'httproutes' },
  field: 'rules',
  route: 'Rule',
  read(object) {
    const { metadata, spec } = schema.parse(object)
    const what = `HTTPRoute ${metadata.namespace}/${metadata.name}`
    return { what, metadata, routes: (spec.rules ?? []).map(routeEntry) }
  },
}

function routeEntry({ name, backendRefs = [], filters: own }: z.infer<typeof rule>, index: number): RouteEntry {
  const path = pointer('spec', 'rules', index)
  const destinations = backendRefs.flatMap((entry, at) =>
    isService(entry) ? [destinationEntry(entry, path + pointer('backendRefs', at))] : [],
  )
  const mirrors = [own, ...backendRefs.map((entry) => entry.filters)].flatMap(mirrorsOf)
  return {
    name: name ?? null,
    path,
    destinations,
    sendsTo: [...destinations.filter(({ weight }) => weight > 0), ...mirrors],
  }
}

function mirrorsOf(among: z.infer<typeof filters>): readonly Destination[] {
  const mirrored = (among ?? []).flatMap(({ requestMirror }) => (requestMirror ? [requestMirror.backendRef] : []))
  return mirrored.filter(isService).map((one) => ({ host: hostOf(one) }))
}

function isService({ group = '', kind = 'Service' }: Reference): boolean {
  return group === '' && kind === 'Service'
}

function hostOf({ name, namespace }: Reference): string {
  return namespace === undefined ? name : `${name}.${namespace}`
}

function destinationEntry(entry: z.infer<typeof backendRef>, path: string): DestinationEntry {
  const { weight } = entry
  return {
    path,
    host: hostOf(entry),
    // The Gateway API takes an absent weight for 1.
    weight: weight ?? 1,
    written: weight !== undefined,
    // An absent member tests as null.
    identity: (['kind', 'name', 'namespace'] as const).map(
      (member): Operation => ({ op: 'test', path: path + pointer(member), value: entry[member] ?? null }),
    ),
  }
}
