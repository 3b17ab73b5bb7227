import { z } from 'zod'
import type { Operation } from './json-patch.ts'
import { pointer } from './json-pointer.ts'
import { type DestinationEntry, type RouteEntry, routeMetadata, type TrafficKind } from './route-object.ts'

const backendRef = z.looseObject({
  group: z.string().exactOptional(),
  kind: z.string().exactOptional(),
  name: z.string(),
  namespace: z.string().exactOptional(),
  weight: z.int().nonnegative().exactOptional(),
})
const rule = z.looseObject({
  name: z.string().exactOptional(),
  backendRefs: z.array(backendRef).exactOptional(),
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

function routeEntry({ name, backendRefs }: z.infer<typeof rule>, index: number): RouteEntry {
  const path = pointer('spec', 'rules', index)
  const destinations = (backendRefs ?? []).flatMap((entry, at) =>
    isService(entry) ? [destinationEntry(entry, path + pointer('backendRefs', at))] : [],
  )
  return { name: name ?? null, path, destinations }
}

function isService({ group = '', kind = 'Service' }: z.infer<typeof backendRef>): boolean {
  return group === '' && kind === 'Service'
}

function destinationEntry(entry: z.infer<typeof backendRef>, path: string): DestinationEntry {
  const { name, namespace, weight } = entry
  return {
    path,
    host: namespace === undefined ? name : `${name}.${namespace}`,
    // The Gateway API takes an absent weight for 1.
    weight: weight ?? 1,
    written: weight !== undefined,
    // An absent member tests as null.
    identity: (['kind', 'name', 'namespace'] as const).map(
      (member): Operation => ({ op: 'test', path: path + pointer(member), value: entry[member] ?? null }),
    ),
  }
}
