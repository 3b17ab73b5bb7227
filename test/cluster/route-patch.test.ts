import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseMark, type StoredMark } from '../../src/cluster/mark.ts'
import { routePatch } from '../../src/cluster/route-patch.ts'
import { findRoute, type VirtualService } from '../../src/cluster/virtual-service.ts'
import { percentOf, splitFor } from '../../src/cluster/weights.ts'
import { type Json, parseJsonObject } from '../../src/sandbox/cluster/json.ts'
import { applyJsonPatch } from '../../src/sandbox/cluster/json-patch.ts'
import { destinations, virtualServices } from './virtual-services.ts'

const tracks = fc.constantFrom('blue', 'green')

function markAt(weight: number, canary: 'blue' | 'green'): StoredMark {
  return {
    service: 'shop',
    rollout: 7,
    version: 3,
    stable: canary === 'blue' ? 'green' : 'blue',
    canary,
    closed: false,
    by: 'slipway',
    at: '2026-11-23T10:00:00.000Z',
    weight,
    route: 'primary',
    destinations,
    deployments: { blue: 'shop-blue', green: 'shop-green' },
    sum: 100,
  }
}

/** The same object, as the API server would have it afterwards. */
function patched(virtualService: VirtualService, weights: { blue: number; green: number }, mark: StoredMark) {
  const route = findRoute(virtualService, 'primary', destinations)
  const patch: Json = JSON.parse(JSON.stringify(routePatch(route, { weights, mark })))
  return applyJsonPatch(parseJsonObject(virtualService), patch)
}

describe('a route patch', () => {
  it('sets two weights and the mark, and leaves the whole rest of the object as it was', () => {
    fc.assert(
      fc.property(virtualServices, tracks, fc.integer({ min: 0, max: 100 }), (virtualService, canary, weight) => {
        const { sum } = findRoute(virtualService, 'primary', destinations)
        const weights = splitFor(sum, canary, weight)
        const after = patched(virtualService, weights, markAt(weight, canary))

        const expected = structuredClone(virtualService)
        const primary = expected.spec.http?.find(({ name }) => name === 'primary')
        for (const entry of primary?.route ?? []) {
          const { host, subset } = entry.destination
          if (host === 'shop' && subset === 'blue') entry.weight = weights.blue
          if (host === 'shop' && subset === 'green') entry.weight = weights.green
        }
        const text = JSON.stringify(markAt(weight, canary))
        expected.metadata.annotations = { ...expected.metadata.annotations, 'slipway.dev/mark': text }
        expect(after).toEqual(expected)
      }),
    )
  })

  it('reads back in percent what was ordered, whatever the sum', () => {
    fc.assert(
      fc.property(virtualServices, tracks, fc.integer({ min: 0, max: 100 }), (virtualService, canary, weight) => {
        const { sum } = findRoute(virtualService, 'primary', destinations)
        fc.pre(sum > 0)
        const after = patched(virtualService, splitFor(sum, canary, weight), markAt(weight, canary))
        const read = findRoute(reparsed(after, virtualService), 'primary', destinations)
        expect([percentOf(read, canary), read.sum]).toEqual([weight, sum])
      }),
    )
  })

  it('also tests the version of the object where asked to, or where the rest can not tell', () => {
    const version = { op: 'test', path: '/metadata/resourceVersion', value: '1' }
    const mark = markAt(5, 'green')
    const patchOf = (virtualService: VirtualService, exactly?: true) =>
      routePatch(findRoute(virtualService, null, destinations), exactly ? { mark, exactly } : { mark })
    expect(patchOf(sample())).not.toContainEqual(version)
    expect(patchOf(sample(), true)).toContainEqual(version)
    const [unmarked, unnamed, unwritten] = [sample(), sample(), sample()]
    delete unmarked.metadata.annotations
    for (const http of unnamed.spec.http ?? []) delete http.name
    for (const entry of unwritten.spec.http?.[0]?.route ?? []) delete entry.weight
    for (const virtualService of [unmarked, unnamed, unwritten]) expect(patchOf(virtualService)).toContainEqual(version)
  })

  it('fails when the route, a destination, a weight or the mark has changed since it was read', () => {
    const virtualService = sample()
    const route = findRoute(virtualService, 'primary', destinations)
    const patch: Json = JSON.parse(
      JSON.stringify(routePatch(route, { weights: { blue: 50, green: 50 }, mark: markAt(50, 'green') })),
    )
    const before = parseJsonObject(virtualService)
    expect(applyJsonPatch(before, patch)).not.toEqual(before)
    const changes: Json[] = [
      [{ op: 'replace', path: '/spec/http/0/name', value: 'secondary' }],
      [{ op: 'replace', path: '/spec/http/0/route/0/destination/subset', value: 'red' }],
      [{ op: 'replace', path: '/spec/http/0/route/1/weight', value: 6 }],
      [{ op: 'add', path: '/spec/http/0/route/0', value: { destination: { host: 'new' } } }],
      [{ op: 'add', path: '/metadata/annotations/slipway.dev~1mark', value: '{}' }],
    ]
    for (const change of changes) {
      expect(() => applyJsonPatch(applyJsonPatch(before, change), patch)).toThrow('test failed')
    }
  })
})

function sample(): VirtualService {
  const text = JSON.stringify(markAt(5, 'green'))
  expect(parseMark('it', text)).toEqual(markAt(5, 'green'))
  return {
    metadata: { name: 'shop', namespace: 'market', resourceVersion: '1', annotations: { 'slipway.dev/mark': text } },
    spec: {
      http: [
        {
          name: 'primary',
          route: [
            { destination: destinations.blue, weight: 95 },
            { destination: destinations.green, weight: 5 },
          ],
        },
      ],
    },
  }
}

function reparsed(after: unknown, like: VirtualService): VirtualService {
  return { ...like, ...JSON.parse(JSON.stringify(after)) }
}
