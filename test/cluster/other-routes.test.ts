import { describe, expect, it } from 'vitest'
import { findRoute } from '../../src/cluster/find-route.ts'
import { otherRoutes } from '../../src/cluster/other-routes.ts'
import { notations, type Rule, routeIn } from './routes.ts'

describe.each(notations)('otherRoutes in a %s', (title, notation) => {
  const { kind, destinations, write } = notation
  const { blue, green } = destinations
  const primary: Rule = {
    name: 'primary',
    entries: [
      { to: blue, weight: 100 },
      { to: green, weight: 0 },
    ],
  }
  const inObject = (object: object) => otherRoutes(kind.read(object), routeIn(notation, object))
  const beside = (...rules: Rule[]) => inObject(write([...rules, primary]))

  it('does not count the managed route', () => {
    expect(beside()).toEqual({ blue: [], green: [] })
  })

  it('tells who sends to which track, by name or by place', () => {
    const third = { to: { host: 'third' }, weight: 50 }
    const admin = { name: 'admin', entries: [{ to: blue }] }
    const unnamed = { entries: [third, { to: blue, weight: 1 }, { to: green, weight: 49 }] }
    expect(beside(admin, { name: 'old' }, unnamed, { name: 'docs', entries: [third] })).toEqual({
      blue: ['admin', 'number 3'],
      green: ['number 3'],
    })
  })

  it('takes no part of a split with weight 0 for a use', () => {
    const none = { to: green, weight: 0 }
    expect(beside({ name: 'admin', entries: [{ to: blue, weight: 100 }, none] })).toEqual({
      blue: ['admin'],
      green: [],
    })
  })

  it('takes an only destination with weight 0 for what its kind takes it for', () => {
    const { blue: found } = beside({ name: 'admin', entries: [{ to: blue, weight: 0 }] })
    expect(found).toEqual(title === 'HTTPRoute' ? [] : ['admin'])
  })

  it('knows a track by each way to write its host', () => {
    const to = { ...blue, host: `${blue.host}.market.svc.cluster.local` }
    expect(beside({ name: 'admin', entries: [{ to }] }).blue).toEqual(['admin'])
    expect(beside({ name: 'admin', entries: [{ to: { ...blue, host: `${blue.host}.other` } }] }).blue).toEqual([])
  })
})

describe('otherRoutes', () => {
  const [[, istio], [, gateway]] = [notations[0] ?? never(), notations[1] ?? never()]
  const metadata = { name: 'shop', namespace: 'market', resourceVersion: '12' }
  const pair = ['blue', 'green']
  const elsewhere = { name: 'third', port: 80 }

  const inVirtualService = (admin: object) => {
    const route = pair.map((subset) => ({ destination: { host: 'shop', subset }, weight: 50 }))
    const object = {
      metadata,
      spec: {
        http: [
          { name: 'admin', ...admin },
          { name: 'primary', route },
        ],
      },
    }
    return otherRoutes(istio.kind.read(object), routeIn(istio, object))
  }
  const inHttpRoute = (admin: object) => {
    const backendRefs = pair.map((track) => ({ name: `shop-${track}`, port: 80, weight: 50 }))
    const object = {
      metadata,
      spec: {
        rules: [
          { name: 'admin', ...admin },
          { name: 'primary', backendRefs },
        ],
      },
    }
    return otherRoutes(gateway.kind.read(object), routeIn(gateway, object))
  }
  const mirrorTo = (backendRef: object) => [
    { type: 'RequestHeaderModifier', requestHeaderModifier: {} },
    { type: 'RequestMirror', requestMirror: { backendRef } },
  ]

  it.each<[string, object]>([
    ['mirror', { mirror: { host: 'shop', subset: 'green' } }],
    ['mirrors', { mirrors: [{ destination: { host: 'shop', subset: 'green' }, percentage: { value: 5 } }] }],
  ])('counts what a VirtualService sends copies to by %s', (_, mirrored) => {
    const route = [{ destination: { host: 'third' } }]
    expect(inVirtualService({ route, ...mirrored })).toEqual({ blue: [], green: ['admin'] })
  })

  it('counts what a VirtualService sends to the host of a track without a subset, and not to another subset', () => {
    const to = (host: string, subset?: string) =>
      inVirtualService({ route: [{ destination: { host, ...(subset !== undefined && { subset }) } }] })
    expect(to('shop')).toEqual({ blue: ['admin'], green: ['admin'] })
    expect(to('shop.market.svc.cluster.local')).toEqual({ blue: ['admin'], green: ['admin'] })
    for (const elsewhere of [to('cart'), to('shop', 'third')]) expect(elsewhere).toEqual({ blue: [], green: [] })
  })

  it('counts what a VirtualService sends to a part of the pods of a track that is a host of its own', () => {
    const destinations = { blue: { host: 'shop-blue' }, green: { host: 'shop-green' } }
    const route = pair.map((track) => ({ destination: { host: `shop-${track}` }, weight: 50 }))
    const beta = { name: 'beta', route: [{ destination: { host: 'shop-green', subset: 'beta' } }] }
    const object = istio.kind.read({ metadata, spec: { http: [beta, { name: 'primary', route }] } })
    const managed = findRoute(istio.kind, object, 'primary', destinations)
    expect(otherRoutes(object, managed)).toEqual({ blue: [], green: ['beta'] })
  })

  it('counts what an HTTPRoute sends copies to, for a rule or for one of its backends', () => {
    const filters = mirrorTo({ name: 'shop-green', port: 80 })
    expect(inHttpRoute({ backendRefs: [elsewhere], filters })).toEqual({ blue: [], green: ['admin'] })
    expect(inHttpRoute({ backendRefs: [{ ...elsewhere, filters }] })).toEqual({ blue: [], green: ['admin'] })
    const foreign = mirrorTo({ group: 'net.example.com', kind: 'ServiceImport', name: 'shop-green' })
    expect(inHttpRoute({ backendRefs: [elsewhere], filters: foreign }).green).toEqual([])
  })

  it('lets no mirror that can not be read keep the route from being read', () => {
    const none = { blue: [], green: [] }
    expect(inVirtualService({ mirror: 'shop', mirrors: { destination: 1 } })).toEqual(none)
    expect(
      inHttpRoute({ filters: 'mirror', backendRefs: [{ ...elsewhere, filters: [{ requestMirror: 1 }] }] }),
    ).toEqual(none)
  })
})

function never(): never {
  throw new Error('there are two kinds')
}
