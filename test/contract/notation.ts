import type { ClusterConfig, TrackConfig } from '../../src/config/config.ts'
import { isJsonObject, type Json, type JsonObject, member } from '../../src/sandbox/cluster/json.ts'

export type Kind = ClusterConfig['traffic']['kind']

/** How objects of one kind are written, so that one suite serves all kinds. */
export interface Notation {
  readonly kind: Kind
  readonly apiVersion: string
  readonly object: string
  readonly plural: string
  readonly destinations: Readonly<Record<'blue' | 'green', TrackConfig['destination']>>
  /** JSON pointer of the list of routes. */
  readonly rules: string
  /** JSON pointers of one destination's entry in a route, and of its weight. */
  entryPath(destination: number, rule?: number): string
  weightPath(destination: number, rule?: number): string
  /** A destination, and a route, as they are written. */
  entry(to: TrackConfig['destination'], weight?: number): JsonObject
  rule(name: string, entries: readonly JsonObject[], more?: JsonObject): JsonObject
  /** The weights of a route's destinations, as written. */
  weightsOf(object: JsonObject, rule?: number): Json[]
}

const at = (list: Json | undefined, index: number) => (Array.isArray(list) ? list[index] : undefined)

function notation(
  named: Pick<Notation, 'kind' | 'apiVersion' | 'object' | 'plural' | 'destinations' | 'entry'>,
  rulesMember: string,
  entriesMember: string,
): Notation {
  const rules = `/spec/${rulesMember}`
  const entryPath = (destination: number, rule = 0) => `${rules}/${rule}/${entriesMember}/${destination}`
  return {
    ...named,
    rules,
    entryPath,
    weightPath: (destination, rule) => `${entryPath(destination, rule)}/weight`,
    rule: (name, entries, more = {}) => ({ name, ...more, [entriesMember]: [...entries] }),
    weightsOf(object, rule = 0) {
      const found = at(member(object, 'spec')[rulesMember], rule)
      const entries = isJsonObject(found) ? found[entriesMember] : []
      return (Array.isArray(entries) ? entries : []).map((entry) =>
        isJsonObject(entry) ? (entry.weight ?? null) : null,
      )
    },
  }
}

const service = 'claude-enhancer'

export const notations: Readonly<Record<Kind, Notation>> = {
  'virtual-service': notation(
    {
      kind: 'virtual-service',
      apiVersion: 'networking.istio.io/v1',
      object: 'VirtualService',
      plural: 'virtualservices',
      destinations: { blue: { host: service, subset: 'blue' }, green: { host: service, subset: 'green' } },
      entry: ({ host, subset }, weight) => ({
        destination: { host, ...(subset !== undefined && { subset }) },
        ...(weight !== undefined && { weight }),
      }),
    },
    'http',
    'route',
  ),
  'http-route': notation(
    {
      kind: 'http-route',
      apiVersion: 'gateway.networking.k8s.io/v1',
      object: 'HTTPRoute',
      plural: 'httproutes',
      destinations: { blue: { host: `${service}-blue` }, green: { host: `${service}-green` } },
      entry: ({ host }, weight) => ({ name: host, port: 80, ...(weight !== undefined && { weight }) }),
    },
    'rules',
    'backendRefs',
  ),
}
