import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseMark, type StoredMark } from '../../src/cluster/mark.ts'
import { routePatch } from '../../src/cluster/route-patch.ts'
import { percentOf, shareOf, splitFor } from '../../src/cluster/weights.ts'
import { type Json, type JsonObject, member, parseJsonObject } from '../../src/sandbox/cluster/json.ts'
import { applyJsonPatch } from '../../src/sandbox/cluster/json-patch.ts'
import { type Notation, notations, objectsOf, routeIn } from './routes.ts'

const tracks = fc.constantFrom('blue', 'green')
const percents = fc.integer({ min: 0, max: 100 })

function markAt(weight: number, canary: 'blue' | 'green', { destinations }: Notation): StoredMark {
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

const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value))

describe.each(notations)('a route patch of a %s', (_, notation) => {
  const mark = (weight: number, canary: 'blue' | 'green') => markAt(weight, canary, notation)

  /** The same object, as the API server would have it afterwards. */
  function patched(object: JsonObject, weights: { blue: number; green: number }, written: StoredMark): JsonObject {
    return applyJsonPatch(object, asJson(routePatch(routeIn(notation, object), { weights, mark: written })))
  }

  function sample(): JsonObject {
    const text = JSON.stringify(mark(5, 'green'))
    expect(parseMark('it', text)).toEqual(mark(5, 'green'))
    const { blue, green } = notation.destinations
    const entries = [
      { to: blue, weight: 95 },
      { to: green, weight: 5 },
    ]
    return notation.write([{ name: 'primary', entries }], { 'slipway.dev/mark': text })
  }

  it('sets two weights and the mark, and leaves the whole rest of the object as it was', () => {
    fc.assert(
      fc.property(objectsOf(notation), tracks, percents, (object, canary, weight) => {
        const route = routeIn(notation, object)
        const weights = splitFor(route.sum, canary, weight)
        const text = JSON.stringify(mark(weight, canary))
        const annotations = { ...member(member(object, 'metadata'), 'annotations'), 'slipway.dev/mark': text }
        const expected = applyJsonPatch(object, [
          { op: 'add', path: `${route.pair.blue.path}/weight`, value: weights.blue },
          { op: 'add', path: `${route.pair.green.path}/weight`, value: weights.green },
          { op: 'add', path: '/metadata/annotations', value: annotations },
        ])
        expect(patched(object, weights, mark(weight, canary))).toEqual(expected)
      }),
    )
  })

  it('reads what somebody else has written as it is, though it is the least that the mark can mean', () => {
    fc.assert(
      fc.property(objectsOf(notation), tracks, fc.integer({ min: 0, max: 18 }), (object, canary, rest) => {
        const written = canary === 'blue' ? { blue: 1, green: rest } : { blue: rest, green: 1 }
        const read = routeIn(notation, patched(object, written, mark(5, canary)))
        expect(percentOf(read, canary)).toBe(Math.round(10_000 / (1 + rest)) / 100)
      }),
    )
  })

  it('reads back in percent what was ordered, whatever the sum', () => {
    fc.assert(
      fc.property(objectsOf(notation), tracks, percents, (object, canary, weight) => {
        const { sum } = routeIn(notation, object)
        // A coarser one Slipway does not write.
        fc.pre(sum > 0 && (weight === 0 || shareOf(sum, weight) * 100 <= weight * sum))
        const after = patched(object, splitFor(sum, canary, weight), mark(weight, canary))
        const read = routeIn(notation, after)
        expect([percentOf(read, canary), read.sum]).toEqual([weight, sum])
      }),
    )
  })

  it('also tests the version of the object where asked to, or where the rest can not tell', () => {
    const version = { op: 'test', path: '/metadata/resourceVersion', value: '12' }
    const patchOf = (object: JsonObject, exactly?: true) => {
      const change = { mark: mark(5, 'green'), ...(exactly && { exactly }) }
      return routePatch(routeIn(notation, object, null), change)
    }
    expect(patchOf(sample())).not.toContainEqual(version)
    expect(patchOf(sample(), true)).toContainEqual(version)
    const { path, pair } = routeIn(notation, sample())
    for (const gone of ['/metadata/annotations', `${path}/name`, `${pair.green.path}/weight`])
      expect(patchOf(applyJsonPatch(sample(), [{ op: 'remove', path: gone }]))).toContainEqual(version)
  })

  it('fails when the route, a destination, a weight or the mark has changed since it was read', () => {
    const before = sample()
    const route = routeIn(notation, before)
    const patch = asJson(routePatch(route, { weights: { blue: 50, green: 50 }, mark: mark(50, 'green') }))
    expect(applyJsonPatch(before, patch)).not.toEqual(before)
    const { path, pair } = route
    const [name = ''] = pair.blue.identity.flatMap((test) =>
      /\/(name|destination)$/.test(test.path) ? [test.path] : [],
    )
    const other = parseJsonObject({ host: 'red', name: 'red', destination: { host: 'red' } })
    const changes: Json[] = [
      [{ op: 'replace', path: `${path}/name`, value: 'secondary' }],
      [{ op: 'replace', path: name, value: name.endsWith('name') ? 'red' : { host: 'red' } }],
      [{ op: 'replace', path: `${pair.green.path}/weight`, value: 6 }],
      [{ op: 'add', path: pair.blue.path, value: other }],
      [{ op: 'add', path: '/metadata/annotations/slipway.dev~1mark', value: '{}' }],
      ...(notation.kind.title === 'HTTPRoute'
        ? [
            [{ op: 'add', path: `${pair.blue.path}/namespace`, value: 'elsewhere' }],
            [{ op: 'replace', path: `${pair.blue.path}/kind`, value: 'ServiceImport' }],
          ]
        : []),
    ]
    for (const change of changes)
      expect(() => applyJsonPatch(applyJsonPatch(before, change), patch)).toThrow('test failed')
  })
})
