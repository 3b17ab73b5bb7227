import { describe, expect, it } from 'vitest'
import { findRoute, type VirtualService } from '../../src/cluster/virtual-service.ts'
import { destinations } from './virtual-services.ts'

type Http = NonNullable<VirtualService['spec']['http']>

const pair = [
  { destination: { host: 'shop', subset: 'blue' }, weight: 80 },
  { destination: { host: 'shop', subset: 'green' }, weight: 20 },
]
const withRoutes = (...http: Http): VirtualService => ({
  metadata: { name: 'shop', namespace: 'market', resourceVersion: '1' },
  spec: { http },
})
const code = (expected: string) => expect.objectContaining({ code: expected })

describe('findRoute', () => {
  it('finds the route by name, and the pair in it', () => {
    const found = findRoute(
      withRoutes({ name: 'a' }, { name: 'b', route: [{ destination: { host: 'x' } }, ...pair] }),
      'b',
      destinations,
    )
    expect(found).toMatchObject({ index: 1, name: 'b', sum: 100, pair: { blue: { index: 1 }, green: { index: 2 } } })
  })

  it('takes the only route without being told its name', () => {
    expect(findRoute(withRoutes({ route: pair }), null, destinations).name).toBeNull()
    expect(findRoute(withRoutes({ name: 'a', route: pair }), null, destinations).name).toBe('a')
  })

  it('never guesses between several', () => {
    const two = withRoutes({ name: 'a', route: pair }, { route: pair })
    expect(() => findRoute(two, null, destinations)).toThrow(code('route-ambiguous'))
    expect(() => findRoute(two, null, destinations)).toThrow('a, number 2, unnamed')
    const same = withRoutes({ name: 'a', route: pair }, { name: 'a', route: pair })
    expect(() => findRoute(same, 'a', destinations)).toThrow(code('route-ambiguous'))
    const doubled = withRoutes({ name: 'a', route: [...pair, ...pair] })
    expect(() => findRoute(doubled, 'a', destinations)).toThrow(code('route-ambiguous'))
  })

  it('misses no part of it silently', () => {
    expect(() => findRoute(withRoutes(), null, destinations)).toThrow(code('cluster-not-found'))
    expect(() => findRoute(withRoutes({ name: 'a', route: pair }), 'b', destinations)).toThrow(
      code('cluster-not-found'),
    )
    expect(() => findRoute(withRoutes({ route: pair.slice(0, 1) }), null, destinations)).toThrow('subset green')
    expect(() => findRoute(withRoutes({ name: 'redirect' }), null, destinations)).toThrow('subset blue')
  })

  it('tells a destination without a subset from one with', () => {
    const plain = { blue: { host: 'shop-blue' }, green: { host: 'shop' } }
    const route = [{ destination: { host: 'shop-blue' } }, { destination: { host: 'shop', subset: 'green' } }]
    expect(() => findRoute(withRoutes({ route }), null, plain)).toThrow('Destination shop in')
  })
})
