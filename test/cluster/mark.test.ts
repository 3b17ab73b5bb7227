import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isTestable, markText, parseMark, publicMark, type StoredMark } from '../../src/cluster/mark.ts'

const mark: StoredMark = {
  service: 'shop',
  rollout: 7,
  version: 3,
  stable: 'blue',
  canary: 'green',
  closed: false,
  by: 'slipway',
  at: '2026-11-23T10:00:00.000Z',
  weight: 5,
  route: 'primary',
  destinations: { blue: { host: 'shop', subset: 'blue' }, green: { host: 'shop', subset: 'green' } },
  deployments: { blue: 'shop-blue', green: 'shop-green' },
  sum: 100,
}

describe('a mark', () => {
  it('is read as it was written, whatever people are called, and can always be tested in a patch', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (by) => {
        const text = markText({ ...mark, by })
        expect(parseMark('it', text)).toEqual({ ...mark, by })
        expect(isTestable(text)).toBe(true)
      }),
    )
  })

  it('shows others only what they know', () => {
    const { service, rollout, version, stable, canary, closed, by, at } = mark
    expect(publicMark(mark)).toEqual({ service, rollout, version, stable, canary, closed, by, at })
  })

  it('is read when a newer Slipway has added something', () => {
    expect(parseMark('it', JSON.stringify({ ...mark, region: 'north' }))).toEqual(mark)
  })

  it('is null only when it is absent', () => {
    expect(parseMark('it', undefined)).toBeNull()
  })

  it.each([
    ['', 'no text'],
    ['null', 'null'],
    ['{', 'half'],
    [JSON.stringify({ ...mark, rollout: '7' }), 'a number as text'],
    [JSON.stringify({ ...mark, stable: 'red' }), 'an unknown track'],
    [JSON.stringify({ ...mark, closed: undefined }), 'a missing member'],
    [JSON.stringify({ ...mark, destinations: { blue: { host: 'shop' } } }), 'one destination'],
  ])('%s is an error (%s)', (text) => {
    expect(() => parseMark('it', text)).toThrow(expect.objectContaining({ code: 'cluster-unreadable' }))
  })
})
