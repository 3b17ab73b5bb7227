import { describe, expect, it } from 'vitest'
import { httpRoute } from '../../src/cluster/http-route.ts'
import { type Notation, notations, type Rule, routeIn } from './routes.ts'

const code = (expected: string) => expect.objectContaining({ code: expected })
const pairOf = ({ destinations }: Notation) => [
  { to: destinations.blue, weight: 80 },
  { to: destinations.green, weight: 20 },
]

describe.each(notations)('findRoute in a %s', (_, notation) => {
  const pair = pairOf(notation)
  const find = (name: string | null, ...rules: Rule[]) => routeIn(notation, notation.write(rules), name)

  it('finds the route by name, and the pair in it', () => {
    const found = find('b', { name: 'a' }, { name: 'b', entries: [{ to: { host: 'x' } }, ...pair] })
    expect(found.path).toMatch(/^\/spec\/(http|rules)\/1$/)
    expect(found.pair.blue.path).toMatch(/\/1\/(route|backendRefs)\/1$/)
    expect(found.pair.green.path).toMatch(/\/1\/(route|backendRefs)\/2$/)
    expect(found).toMatchObject({ name: 'b', sum: 100 })
  })

  it('takes the only route without being told its name', () => {
    expect(find(null, { entries: pair }).name).toBeNull()
    expect(find(null, { name: 'a', entries: pair }).name).toBe('a')
  })

  it('never guesses between several', () => {
    const two = [{ name: 'a', entries: pair }, { entries: pair }]
    expect(() => find(null, ...two)).toThrow(code('route-ambiguous'))
    expect(() => find(null, ...two)).toThrow('a, number 2, unnamed')
    expect(() => find('a', { name: 'a', entries: pair }, { name: 'a', entries: pair })).toThrow(code('route-ambiguous'))
    expect(() => find('a', { name: 'a', entries: [...pair, ...pair] })).toThrow(code('route-ambiguous'))
  })

  it('misses no part of it silently', () => {
    expect(() => find(null)).toThrow(code('cluster-not-found'))
    expect(() => find('b', { name: 'a', entries: pair })).toThrow(code('cluster-not-found'))
    expect(() => find(null, { entries: pair.slice(0, 1) })).toThrow(/Destination shop.*green/)
    expect(() => find(null, { name: 'redirect' })).toThrow(/Destination shop.*blue/)
  })

  it('takes a short host and one with its namespace for the same, and no other', () => {
    const named = (suffix: string) =>
      pair.map(({ to, weight }) => ({ to: { ...to, host: `${to.host}${suffix}` }, weight }))
    for (const suffix of ['.market', '.market.svc', '.market.svc.cluster.local']) {
      expect(find(null, { entries: named(suffix) })).toMatchObject({ sum: 100 })
      expect(() => find(null, { entries: [...pair, ...named(suffix)] })).toThrow(code('route-ambiguous'))
    }
    for (const suffix of ['.elsewhere', '.market.example.com'])
      expect(() => find(null, { entries: named(suffix) })).toThrow(code('cluster-not-found'))
  })
})

const [[, istio], [, gateway]] = [notations[0] ?? never(), notations[1] ?? never()]

describe('findRoute', () => {
  it('never takes one destination for both tracks', () => {
    const same = { ...istio, destinations: { blue: { host: 'shop' }, green: { host: 'shop.market' } } }
    expect(() => routeIn(same, istio.write([{ entries: [{ to: { host: 'shop' } }] }]), null)).toThrow(
      code('route-ambiguous'),
    )
  })

  it('tells a destination without a subset from one with', () => {
    const plain = { ...istio, destinations: { blue: { host: 'shop-blue' }, green: { host: 'shop' } } }
    const entries = [{ to: { host: 'shop-blue' } }, { to: { host: 'shop', subset: 'green' } }]
    expect(() => routeIn(plain, istio.write([{ entries }]), null)).toThrow('Destination shop in')
  })

  it('takes an absent weight for what its kind takes it for', () => {
    const entries = (notation: Notation) => pairOf(notation).map(({ to }) => ({ to }))
    expect(routeIn(istio, istio.write([{ entries: entries(istio) }]), null).sum).toBe(0)
    expect(routeIn(gateway, gateway.write([{ entries: entries(gateway) }]), null).sum).toBe(2)
  })

  it('finds the Service of another namespace, and nothing that is no Service', () => {
    const ref = (track: string, more: object) => ({ name: `shop-${track}`, port: 80, weight: 50, ...more })
    const object = (more: object) => ({
      metadata: { name: 'shop', namespace: 'market', resourceVersion: '1' },
      spec: { rules: [{ backendRefs: [ref('blue', more), ref('green', {})] }] },
    })
    const find = (more: object, blue: string) => {
      const destinations = { blue: { host: blue }, green: { host: 'shop-green' } }
      return routeIn({ ...gateway, kind: httpRoute, destinations }, object(more), null)
    }
    expect(find({ namespace: 'other' }, 'shop-blue.other').pair.blue.identity).toContainEqual({
      op: 'test',
      path: '/spec/rules/0/backendRefs/0/namespace',
      value: 'other',
    })
    expect(() => find({ namespace: 'other' }, 'shop-blue')).toThrow(code('cluster-not-found'))
    expect(() => find({ group: 'net.example.com', kind: 'ServiceImport' }, 'shop-blue')).toThrow(
      code('cluster-not-found'),
    )
  })
})

function never(): never {
  throw new Error('there are two kinds')
}
