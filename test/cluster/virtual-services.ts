import fc from 'fast-check'
import { type VirtualService, virtualServiceSchema } from '../../src/cluster/virtual-service.ts'

export const destinations = {
  blue: { host: 'shop', subset: 'blue' },
  green: { host: 'shop', subset: 'green' },
}

const weight = fc.nat({ max: 200 })
const other = fc.record({ destination: fc.record({ host: fc.constantFrom('mirror', 'cache') }), weight })
const pairEntry = (subset: string) =>
  fc.record(
    { destination: fc.constant({ host: 'shop', subset }), weight, headers: fc.constant({ a: 1 }) },
    {
      requiredKeys: ['destination'],
    },
  )
const route = (name: fc.Arbitrary<string>) =>
  fc
    .tuple(name, pairEntry('blue'), pairEntry('green'), fc.array(other, { maxLength: 3 }))
    .chain(([routeName, blue, green, others]) =>
      fc
        .shuffledSubarray([blue, green, ...others], { minLength: others.length + 2 })
        .map((entries) => ({ name: routeName, timeout: '10s', route: entries })),
    )
const redirect = fc.record({ name: fc.constant('old'), redirect: fc.record({ uri: fc.string() }) })

/** A VirtualService with the managed pair in the route `primary`, among other routes and destinations. */
export const virtualServices: fc.Arbitrary<VirtualService> = fc
  .record({
    primary: route(fc.constant('primary')),
    others: fc.array(fc.oneof(route(fc.constantFrom('a', 'b')), redirect), { maxLength: 3 }),
    position: fc.nat({ max: 3 }),
    annotations: fc.option(fc.dictionary(fc.constantFrom('x', 'y/z'), fc.string()), { nil: undefined }),
  })
  .map(({ primary, others, position, annotations }) =>
    virtualServiceSchema.parse({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'shop', namespace: 'market', resourceVersion: '12', ...(annotations && { annotations }) },
      spec: { hosts: ['shop'], http: others.toSpliced(position, 0, primary) },
    }),
  )
