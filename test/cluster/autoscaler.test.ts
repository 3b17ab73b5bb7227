import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Autoscaler, pinPatch, readAutoscaler, unpinPatch } from '../../src/cluster/autoscaler.ts'
import type { JsonPatch } from '../../src/cluster/json-patch.ts'
import { type JsonObject, parseJsonObject } from '../../src/sandbox/cluster/json.ts'
import { applyJsonPatch } from '../../src/sandbox/cluster/json-patch.ts'

const object = (minReplicas: number, maxReplicas: number): JsonObject => ({
  metadata: { name: 'shop', namespace: 'market', resourceVersion: '7' },
  spec: { minReplicas, maxReplicas, scaleTargetRef: { kind: 'Deployment', name: 'shop-blue' } },
})

function read(json: JsonObject): Autoscaler {
  const found = readAutoscaler(json)
  if (found === null) throw new Error('it sizes no Deployment')
  return found
}

const patched = (json: JsonObject, patch: JsonPatch) => applyJsonPatch(json, parseJson(patch))
const parseJson = (patch: JsonPatch) => JSON.parse(JSON.stringify(patch))
const setMinimum = (json: JsonObject, value: number) =>
  patched(json, [{ op: 'replace', path: '/spec/minReplicas', value }])

describe('an autoscaler', () => {
  it('is none of ours where it sizes something else than a Deployment', () => {
    const json = { ...object(1, 3), spec: { maxReplicas: 3, scaleTargetRef: { kind: 'StatefulSet', name: 'x' } } }
    expect(readAutoscaler(json)).toBeNull()
  })

  it('has a minimum of 1 where it names none, and gets that back', () => {
    const bare = parseJsonObject({
      ...object(1, 9),
      spec: { maxReplicas: 9, scaleTargetRef: { kind: 'Deployment', name: 'x' } },
    })
    const pinned = patched(bare, pinPatch(read(bare), 4, { rollout: 1, version: 2 }))
    expect(pinned.spec).toMatchObject({ minReplicas: 4 })
    expect(patched(pinned, unpinPatch(read(pinned), { rollout: 1, version: 3 })).spec).toMatchObject({ minReplicas: 1 })
  })

  it('is not written when nothing changes', () => {
    const json = object(3, 9)
    const fence = { rollout: 1, version: 2 }
    expect(pinPatch(read(json), 3, fence)).toEqual([])
    expect(unpinPatch(read(json), fence)).toEqual([])
    const pinned = patched(json, pinPatch(read(json), 5, fence))
    expect(pinPatch(read(pinned), 5, fence)).toEqual([])
    expect(pinPatch(read(pinned), 5, { ...fence, version: 3 })).not.toEqual([])
  })

  it('has its own minimum back whatever it was pinned to, unless somebody else wrote one last', () => {
    const pins = fc.array(fc.oneof(fc.nat(30), fc.record({ theirs: fc.integer({ min: 1, max: 20 }) })), {
      minLength: 1,
    })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 10, max: 20 }),
        pins,
        (minimum, maximum, orders) => {
          let json = object(minimum, maximum)
          let own = minimum
          orders.forEach((order, version) => {
            if (typeof order === 'number') {
              json = patched(json, pinPatch(read(json), order, { rollout: 1, version }))
              const { minimum: now } = read(json)
              expect(now).toBe(Math.min(Math.max(own, order), maximum))
            } else if (
              order.theirs <= maximum &&
              ![read(json).minimum, read(json).pin?.pinned].includes(order.theirs)
            ) {
              own = order.theirs
              json = setMinimum(json, own)
            }
          })
          json = patched(json, unpinPatch(read(json), { rollout: 1, version: orders.length }))
          expect(read(json)).toMatchObject({ minimum: own, pin: null })
        },
      ),
    )
  })
})
