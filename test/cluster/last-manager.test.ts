import { describe, expect, it } from 'vitest'
import { lastManager } from '../../src/cluster/last-manager.ts'

const entry = (manager: string, time: string, fields: Record<string, unknown>) => ({ manager, time, fieldsV1: fields })
const routes = { 'f:spec': { 'f:http': {} } }
const hosts = { 'f:spec': { 'f:hosts': {} } }

describe('lastManager', () => {
  it('is the latest owner of the routes, not of anything else', () => {
    const entries = [
      entry('helm', '2026-01-01T00:00:00Z', routes),
      entry('slipway', '2026-01-02T00:00:00Z', routes),
      entry('kubectl-annotate', '2026-01-04T00:00:00Z', { 'f:metadata': {} }),
      entry('kubectl-edit', '2026-01-03T00:00:00Z', hosts),
    ]
    expect(lastManager(entries, 'http')).toBe('slipway')
    expect(lastManager(entries.toReversed(), 'http')).toBe('slipway')
  })

  it('is the later entry of the same second', () => {
    const time = '2026-01-01T00:00:00Z'
    expect(lastManager([entry('a', time, routes), entry('b', time, routes)], 'http')).toBe('b')
  })

  it('is the latest owner of the spec where nobody owns the routes, or unknown', () => {
    expect(lastManager([entry('a', '2026-01-01T00:00:00Z', hosts)], 'http')).toBe('a')
    expect(lastManager([entry('a', '2026-01-01T00:00:00Z', { 'f:status': {} })], 'http')).toBeUndefined()
    expect(lastManager(undefined, 'http')).toBeUndefined()
  })
})
