import { describe, expect, it } from 'vitest'
import { lastManager } from '../../src/cluster/last-manager.ts'
import type { VirtualService } from '../../src/cluster/virtual-service.ts'

type Entries = NonNullable<VirtualService['metadata']['managedFields']>

const written = (managedFields?: Entries): VirtualService => ({
  metadata: { name: 'shop', namespace: 'market', resourceVersion: '1', ...(managedFields && { managedFields }) },
  spec: {},
})
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
    expect(lastManager(written(entries))).toBe('slipway')
    expect(lastManager(written(entries.toReversed()))).toBe('slipway')
  })

  it('is the later entry of the same second', () => {
    const time = '2026-01-01T00:00:00Z'
    expect(lastManager(written([entry('a', time, routes), entry('b', time, routes)]))).toBe('b')
  })

  it('is the latest owner of the spec where nobody owns the routes, or unknown', () => {
    expect(lastManager(written([entry('a', '2026-01-01T00:00:00Z', hosts)]))).toBe('a')
    expect(lastManager(written([entry('a', '2026-01-01T00:00:00Z', { 'f:status': {} })]))).toBeUndefined()
    expect(lastManager(written())).toBeUndefined()
  })
})
