import { describe, expect, it } from 'vitest'
import { fenceText, isNewer, parseFence, refuseOlder } from '../../src/cluster/fence.ts'

describe('a fence', () => {
  it.each([
    [[7, 3], [7, 2], true],
    [[8, 1], [7, 9], true],
    [[7, 2], [7, 2], false],
    [[7, 2], [7, 3], false],
    [[6, 9], [7, 1], false],
  ] as const)('%j newer than %j: %s', ([rollout, version], [otherRollout, otherVersion], newer) => {
    expect(isNewer({ rollout, version }, { rollout: otherRollout, version: otherVersion })).toBe(newer)
  })

  it('is read as it was written', () => {
    expect(parseFence('it', fenceText({ rollout: 7, version: 12 }))).toEqual({ rollout: 7, version: 12 })
    expect(parseFence('it', undefined)).toBeNull()
  })

  it.each(['', '7', '7/', '7/x', '-1/2', '7/2 ', '7/2/3'])('%j is an error', (text) => {
    expect(() => parseFence('it', text)).toThrow(expect.objectContaining({ code: 'cluster-unreadable' }))
  })

  it('lets equal and newer orders pass, and any where there is none', () => {
    const found = { rollout: 7, version: 3 }
    refuseOlder('it', { rollout: 7, version: 3 }, found)
    refuseOlder('it', { rollout: 8, version: 1 }, found)
    refuseOlder('it', { rollout: 1, version: 1 }, null)
    expect(() => refuseOlder('it', { rollout: 7, version: 2 }, found)).toThrow(
      expect.objectContaining({ code: 'newer-fence', detail: { what: 'it', ours: '7/2', found: '7/3' } }),
    )
  })
})
