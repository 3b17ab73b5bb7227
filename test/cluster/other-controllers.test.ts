import { describe, expect, it } from 'vitest'
import type { Client } from '../../src/cluster/client.ts'
import { otherControllers } from '../../src/cluster/other-controllers.ts'
import type { ClusterConfig } from '../../src/config/config.ts'
import { SlipwayError } from '../../src/errors.ts'
import { notations } from './routes.ts'

const kindNames = { VirtualService: 'virtual-service', HTTPRoute: 'http-route' } as const
const no = () => Promise.reject(new Error('nothing else is asked'))

describe.each(notations)('another controller of the weights of a %s', (title, notation) => {
  const { destinations, kind, write } = notation
  const config: ClusterConfig = {
    namespace: 'market',
    container: 'app',
    traffic: { kind: title === 'HTTPRoute' ? kindNames.HTTPRoute : kindNames.VirtualService, name: 'shop' },
    tracks: {
      blue: { deployment: 'shop-blue', destination: destinations.blue },
      green: { deployment: 'shop-green', destination: destinations.green },
    },
    readyShare: 0.8,
    scaleFirst: 1_000,
    timeout: 1_000,
  }
  const found = (objects: Readonly<Record<string, readonly unknown[] | Error>>) => {
    const client: Client = {
      namespace: 'market',
      readDeployment: async (name) => ({ metadata: { name } }),
      async listObjects({ title: asked }) {
        const listed = objects[asked] ?? new SlipwayError('cluster-not-found', { what: asked })
        if (listed instanceof Error) throw listed
        return listed
      },
      readRoute: no,
      listRoutes: no,
      readService: no,
      readLog: no,
      listQuotas: no,
      listPods: no,
      patchDeployment: no,
      patchRoute: no,
      patchAutoscaler: no,
    }
    return otherControllers(client, config, kind.read(write([{ entries: [{ to: { host: 'shop' } }] }])))
  }
  const rollout = (spec: object) => ({ Rollout: [{ metadata: { name: 'r' }, spec }] })
  const canary = (spec: object) => ({ Canary: [{ metadata: { name: 'c' }, spec }] })
  const routing = (name: string) => ({
    istio: { virtualServices: [{ name: 'another' }, { name }] },
    plugins: { 'argoproj-labs/gatewayAPI': { httpRoutes: [{ name }], namespace: 'market' } },
  })

  it('is none where no such kind is installed, may be looked at, or means these objects', async () => {
    expect(await found({})).toEqual([])
    expect(await found({ Rollout: new SlipwayError('cluster-forbidden', { what: 'Rollouts' }) })).toEqual([])
    expect(await found(rollout({ strategy: { canary: { trafficRouting: routing('another') } } }))).toEqual([])
    expect(await found(canary({ targetRef: { kind: 'Deployment', name: 'another' } }))).toEqual([])
  })

  it.each([
    [rollout({ strategy: { canary: { trafficRouting: routing('shop') } } }), 'Rollout r names shop'],
    [rollout({ workloadRef: { kind: 'Deployment', name: 'shop-green' } }), 'Rollout r names Deployment shop-green'],
  ])('is Argo Rollouts when a Rollout names the route or a Deployment', async (objects, evidence) => {
    expect(await found(objects)).toEqual([{ name: 'Argo Rollouts', evidence }])
  })

  it.each([
    [canary({ targetRef: { kind: 'Deployment', name: 'shop-blue' } }), 'Canary c names Deployment shop-blue'],
    [canary({ targetRef: { kind: 'Deployment', name: 'shop' } }), 'Canary c names shop'],
    [canary({ targetRef: { kind: 'Deployment', name: 'x' }, service: { name: 'shop' } }), 'Canary c names shop'],
  ])('is Flagger when a Canary names the route or a Deployment', async (objects, evidence) => {
    expect(await found(objects)).toEqual([{ name: 'Flagger', evidence }])
  })

  it('is not ruled out by an API server that does not answer', async () => {
    const away = new SlipwayError('cluster-unreachable', { what: 'Rollouts' })
    await expect(found({ Rollout: away })).rejects.toBe(away)
  })
})
