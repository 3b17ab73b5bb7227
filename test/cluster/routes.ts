import fc from 'fast-check'
import { findRoute, type ManagedRoute } from '../../src/cluster/find-route.ts'
import { httpRoute } from '../../src/cluster/http-route.ts'
import type { Destination, TrafficKind } from '../../src/cluster/route-object.ts'
import { virtualService } from '../../src/cluster/virtual-service.ts'
import type { Track } from '../../src/rollout/plan.ts'
import { type JsonObject, parseJsonObject } from '../../src/sandbox/cluster/json.ts'

/** One destination of a route in a test, before it is written the way of a kind. */
export interface Entry {
  readonly to: Destination
  readonly weight?: number | undefined
}
export interface Rule {
  readonly name?: string | undefined
  readonly entries?: readonly Entry[] | undefined
}

/** A kind, how its objects are written, and what blue and green are called there. */
export interface Notation {
  readonly kind: TrafficKind
  readonly destinations: Readonly<Record<Track, Destination>>
  write(rules: readonly Rule[], annotations?: Readonly<Record<string, string>>): JsonObject
}

const metadata = (annotations?: object) => ({
  name: 'shop',
  namespace: 'market',
  resourceVersion: '12',
  ...(annotations && { annotations }),
})
const withoutUndefined = (value: object): JsonObject => parseJsonObject(JSON.parse(JSON.stringify(value)))

const istio: Notation = {
  kind: virtualService,
  destinations: { blue: { host: 'shop', subset: 'blue' }, green: { host: 'shop', subset: 'green' } },
  write: (rules, annotations) =>
    withoutUndefined({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: metadata(annotations),
      spec: {
        hosts: ['shop'],
        http: rules.map(({ name, entries }) => ({
          name,
          timeout: '10s',
          route: entries?.map(({ to, weight }) => ({
            destination: to,
            weight,
            headers: { request: { set: { a: '1' } } },
          })),
        })),
        tls: [
          { match: [{ port: 443, sniHosts: ['shop'] }], route: [{ destination: { host: 'shop', subset: 'blue' } }] },
        ],
      },
    }),
}

const gateway: Notation = {
  kind: httpRoute,
  destinations: { blue: { host: 'shop-blue' }, green: { host: 'shop-green' } },
  write: (rules, annotations) =>
    withoutUndefined({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: metadata(annotations),
      spec: {
        parentRefs: [{ name: 'gateway' }],
        rules: rules.map(({ name, entries }) => ({
          name,
          timeouts: { request: '10s' },
          backendRefs: entries?.map(({ to, weight }) => ({ kind: 'Service', name: to.host, port: 80, weight })),
        })),
      },
    }),
}

/** Both kinds, by their names. */
export const notations: readonly (readonly [string, Notation])[] = [
  ['VirtualService', istio],
  ['HTTPRoute', gateway],
]

/** The managed pair of an object in the way of its kind. */
export function routeIn(
  { kind, destinations }: Notation,
  object: unknown,
  name: string | null = 'primary',
): ManagedRoute {
  return findRoute(kind, kind.read(object), name, destinations)
}

const weight = fc.nat({ max: 200 })
const mirror = fc.record({ to: fc.record({ host: fc.constantFrom('mirror', 'cache') }), weight })

/** An object with the managed pair in the route `primary`, among other routes and destinations. */
export function objectsOf({ destinations, write }: Notation): fc.Arbitrary<JsonObject> {
  const pairEntry = (track: Track) =>
    fc.record({ to: fc.constant(destinations[track]), weight: fc.option(weight, { nil: undefined }) })
  const rule = (name: fc.Arbitrary<string>) =>
    fc
      .tuple(name, pairEntry('blue'), pairEntry('green'), fc.array(mirror, { maxLength: 3 }))
      .chain(([ruleName, blue, green, others]) =>
        fc
          .shuffledSubarray<Entry>([blue, green, ...others], { minLength: others.length + 2 })
          .map((entries): Rule => ({ name: ruleName, entries })),
      )
  const redirect = fc.constant<Rule>({ name: 'old' })
  return fc
    .record({
      primary: rule(fc.constant('primary')),
      others: fc.array(fc.oneof(rule(fc.constantFrom('a', 'b')), redirect), { maxLength: 3 }),
      position: fc.nat({ max: 3 }),
      annotations: fc.option(fc.dictionary(fc.constantFrom('x', 'y/z'), fc.string()), { nil: undefined }),
    })
    .map(({ primary, others, position, annotations }) => write(others.toSpliced(position, 0, primary), annotations))
}
