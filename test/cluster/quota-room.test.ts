import type { V1Pod } from '@kubernetes/client-node'
import { describe, expect, it } from 'vitest'
import type { ReadingClient } from '../../src/cluster/client.ts'
import { shortfalls } from '../../src/cluster/quota-room.ts'
import { readerOver } from '../../src/cluster/reader.ts'
import type { ClusterConfig } from '../../src/config/config.ts'

const config: ClusterConfig = {
  namespace: 'market',
  container: 'app',
  traffic: { kind: 'virtual-service', name: 'shop' },
  tracks: {
    blue: { deployment: 'shop-blue', destination: { host: 'shop', subset: 'blue' } },
    green: { deployment: 'shop-green', destination: { host: 'shop', subset: 'green' } },
  },
  readyShare: 0.8,
  scaleFirst: 1_000,
  timeout: 1_000,
}
const no = () => Promise.reject(new Error('nothing else is asked'))
const app = { name: 'app', resources: { requests: { cpu: '400m' } } }
const proxy = { name: 'istio-proxy', resources: { requests: { cpu: '100m' } } }
const labelsOf = (track: string) => ({ app: 'shop', track })
const pod = (track: string, metadata: V1Pod['metadata'] = {}): V1Pod => ({
  metadata: { labels: labelsOf(track), ...metadata },
  spec: { containers: [app, proxy] },
})

/** Where ten more pods of green find no room, with 5 of so many cores used. */
function shortOfTen(cores: string, pods: readonly V1Pod[]): Promise<readonly string[]> {
  const client: ReadingClient = {
    namespace: 'market',
    readDeployment: async (name) => ({
      metadata: { name, namespace: 'market', resourceVersion: '1' },
      spec: {
        selector: { matchLabels: labelsOf(name.slice('shop-'.length)) },
        template: { spec: { containers: [app] } },
      },
    }),
    listPods: async () => pods,
    listQuotas: async () => [
      { metadata: { name: 'q' }, status: { hard: { 'requests.cpu': cores }, used: { 'requests.cpu': '5' } } },
    ],
    readRoute: no,
    listRoutes: no,
    readService: no,
    readLog: no,
    listObjects: no,
  }
  return readerOver(client, config).quotaShortfalls('green', 10)
}

describe("the room that a namespace's quotas leave", () => {
  it('is asked for pods with what was injected into those of the other track', async () => {
    expect(await shortOfTen('9500m', [pod('blue')])).toEqual(['q: 5 of 9500m requests.cpu used'])
    expect(await shortOfTen('10', [pod('blue')])).toEqual([])
  })

  it('is asked for pods of the template where the other track has none that stay', async () => {
    const leaving = pod('blue', { deletionTimestamp: new Date(0) })
    expect(await shortOfTen('9500m', [leaving, { ...pod('blue'), status: { phase: 'Failed' } }])).toEqual([])
    expect(await shortOfTen('9500m', [pod('another')])).toEqual([])
  })

  it('is enough when the last pod takes all of it', () => {
    const quota = { name: 'q', scoped: false, hard: { 'requests.cpu': '3' }, used: {} }
    const requests = { cpu: 0.1 + 0.2 }
    expect(shortfalls([quota], { requests, limits: {} }, 10)).toEqual([])
    expect(shortfalls([quota], { requests, limits: {} }, 11)).toEqual(['q: 0 of 3 requests.cpu used'])
  })
})
