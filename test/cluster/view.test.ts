import type { V1Deployment, V1DeploymentStatus, V1Pod } from '@kubernetes/client-node'
import { describe, expect, it } from 'vitest'
import type { Client } from '../../src/cluster/client.ts'
import { trackReader } from '../../src/cluster/reader.ts'
import { view } from '../../src/cluster/view.ts'
import type { ClusterConfig } from '../../src/config/config.ts'
import { notations } from './routes.ts'

const [[, notation] = never()] = notations
const { destinations, kind, write } = notation

const config: ClusterConfig = {
  namespace: 'market',
  container: 'app',
  traffic: { kind: 'virtual-service', name: 'shop' },
  tracks: {
    blue: { deployment: 'shop-blue', destination: destinations.blue },
    green: { deployment: 'shop-green', destination: destinations.green },
  },
  readyShare: 0.8,
  scaleFirst: 1_000,
  timeout: 1_000,
}

const deployment = (track: string, generation: number, status: V1DeploymentStatus): V1Deployment => ({
  metadata: { name: `shop-${track}`, namespace: 'market', resourceVersion: '1', generation },
  spec: {
    selector: { matchLabels: { app: 'shop', track } },
    replicas: 2,
    template: { spec: { containers: [{ name: 'app', image: 'shop:2' }] } },
  },
  status,
})
const pod = (track: string, image: string, changes: Partial<V1Pod['metadata']> = {}): V1Pod => ({
  metadata: { name: `shop-${track}-1`, labels: { app: 'shop', track }, ...changes },
  spec: { containers: [{ name: 'app', image }] },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
})

function look(pods: readonly V1Pod[], observedGeneration: number, readyReplicas = 2) {
  const selectors: string[] = []
  const no = () => Promise.reject(new Error('A look writes nothing'))
  const entries = [{ to: destinations.blue, weight: 100 }, { to: destinations.green }]
  const client: Client = {
    namespace: 'market',
    readDeployment: async (name) => deployment(name.slice('shop-'.length), 3, { observedGeneration, readyReplicas }),
    readRoute: async () => kind.read(write([{ entries }])),
    async listPods(selector) {
      selectors.push(selector)
      return pods
    },
    patchDeployment: no,
    patchRoute: no,
    patchAutoscaler: no,
    listRoutes: no,
    readService: no,
    readLog: no,
    listQuotas: no,
    listObjects: no,
  }
  return { seen: view(client, config, trackReader(client, config)), selectors }
}

describe('view', () => {
  it('lists the pods of both tracks once, and tells them apart by their labels', async () => {
    const { seen, selectors } = look([pod('blue', 'shop:2'), pod('blue', 'shop:2'), pod('green', 'shop:2')], 3)
    const { blue, green } = (await seen).tracks
    expect([blue.ready, blue.pods, green.ready, green.pods]).toEqual([2, 2, 1, 1])
    expect(selectors).toEqual(['app=shop'])
  })

  it('counts as ready only pods of the wanted image that stay', async () => {
    const leaving = { deletionTimestamp: new Date(0) }
    const { seen } = look([pod('blue', 'shop:1'), pod('blue', 'shop:2', leaving), pod('blue', 'shop:2')], 3)
    expect((await seen).tracks.blue).toMatchObject({ ready: 1, serving: 2, oldReady: 1, pods: 3, replicas: 2 })
  })

  it('counts pods of another image as long as they serve: not once they are to go, or before they are ready', async () => {
    const leaving = pod('blue', 'shop:1', { deletionTimestamp: new Date(0) })
    const starting = { ...pod('blue', 'shop:1'), status: { phase: 'Running' } }
    const { seen } = look([leaving, starting, pod('blue', 'shop:1'), pod('blue', 'shop:2')], 3)
    expect((await seen).tracks.blue).toMatchObject({ ready: 1, oldReady: 1, pods: 4 })
  })

  it('counts no pod as ready until the controller has seen the last change', async () => {
    const { seen } = look([pod('blue', 'shop:2')], 2)
    expect((await seen).tracks.blue).toMatchObject({ ready: 0, serving: 1, pods: 1 })
  })

  it('counts no pod as ready that the controller does not count yet', async () => {
    const { seen } = look([pod('blue', 'shop:2'), pod('blue', 'shop:2')], 3, 1)
    expect((await seen).tracks.blue).toMatchObject({ ready: 1, pods: 2 })
  })
})

function never(): never {
  throw new Error('there is a kind')
}
