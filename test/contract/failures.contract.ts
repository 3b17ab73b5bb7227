import { expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { createCluster } from '../../src/cluster/cluster.ts'
import { plainKubeConfig } from './api.ts'
import type { ControlPlane } from './control-plane.ts'
import { atWeight, claimOf, orderAt } from './marks.ts'
import type { Kind } from './notation.ts'
import { service } from './scene.ts'
import { useScene } from './use-scene.ts'

/** What people are told when the API server does not do as asked. */
export function failuresContract(plane: () => ControlPlane, kind: Kind): void {
  const scene = useScene(plane, kind)

  it.each([
    [401, 'cluster-forbidden'],
    [403, 'cluster-forbidden'],
    [429, 'cluster-unreachable'],
    [503, 'cluster-unreachable'],
    [500, 'cluster-refused'],
    [400, 'cluster-refused'],
  ])('a %i becomes %s, for reading and for writing', async (status, code) => {
    const { cluster, proxy, weights } = scene()
    await cluster.claim(claimOf())
    proxy.intercept(() => status)
    await expect(cluster.view()).rejects.toMatchObject({ code })
    proxy.intercept((method) => (method === 'PATCH' ? status : 'pass'))
    await expect(cluster.shift('green', 5, 0, orderAt(2))).rejects.toMatchObject({ code })
    await expect(cluster.size('green', { replicas: 1 }, orderAt(2))).rejects.toMatchObject({ code })
    expect(await weights()).toEqual([100, 0])
  })

  it('hands on how long a throttling API server asks to wait, for reading and for writing', async () => {
    const { cluster, proxy, weights } = scene()
    await cluster.claim(claimOf())
    const busy = { code: 'cluster-unreachable', detail: { after: 7_000 } }
    proxy.intercept(() => ({ status: 429, retryAfter: 7 }))
    await expect(cluster.view()).rejects.toMatchObject(busy)
    proxy.intercept((method) => (method === 'PATCH' ? { status: 429, retryAfter: 7 } : 'pass'))
    await expect(cluster.shift('green', 5, 0, orderAt(2))).rejects.toMatchObject(busy)
    proxy.intercept(() => 429)
    const failure = await cluster.view().catch((error: unknown) => error)
    expect(failure).not.toHaveProperty('detail.after')
    expect(await weights()).toEqual([100, 0])
  })

  it('gives up on an API server that never answers after its time limit', async () => {
    const { adapter, proxy } = scene()
    proxy.intercept(() => 'hang')
    const start = systemClock.now()
    await expect(adapter({ timeout: 300 }).view()).rejects.toMatchObject({ code: 'cluster-unreachable' })
    expect(systemClock.now() - start).toBeLessThan(15_000)
  })

  it('works again as soon as the API server does', async () => {
    const { cluster, proxy, weights } = scene()
    await atWeight(scene(), 5)
    proxy.intercept(() => 'cut')
    await expect(cluster.view()).rejects.toMatchObject({ code: 'cluster-unreachable' })
    proxy.intercept()
    expect((await cluster.view()).route.weights).toEqual({ blue: 95, green: 5 })
    expect(await weights()).toEqual([95, 5])
  })

  it('tells that nobody listens', async () => {
    const { config } = scene()
    const kubeConfig = plainKubeConfig('http://127.0.0.1:1', config.namespace)
    const cluster = createCluster({ kubeConfig, config, service, clock: systemClock })
    const failure = await cluster.view().catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'cluster-unreachable' })
    expect(String(failure)).not.toMatch(/ECONNREFUSED|headers|fetch/)
  })

  it('names what is missing', async () => {
    const { adapter, config } = scene()
    const { tracks, traffic } = config
    const green = { ...tracks.green, deployment: 'elsewhere' }
    await expect(adapter({ tracks: { ...tracks, green } }).view()).rejects.toMatchObject({
      code: plane().limited ? 'cluster-forbidden' : 'cluster-not-found',
    })
    const cases: [Parameters<typeof adapter>[0], RegExp][] = [
      [{ container: 'other' }, /Container other of Deployment/],
      [{ traffic: { ...traffic, route: 'other' } }, /(HTTP route|Rule) other of/],
      [{ tracks: { ...tracks, green: { ...tracks.green, destination: { host: 'other' } } } }, /Destination other/],
    ]
    for (const [changes, words] of cases) {
      const failure = adapter(changes).view()
      await expect(failure).rejects.toMatchObject({ code: 'cluster-not-found', message: expect.stringMatching(words) })
    }
  })

  it('reuses its connections', async () => {
    const { cluster, proxy } = scene()
    for (let count = 0; count < 5; count += 1) await cluster.view()
    expect(proxy.connections()).toBeLessThanOrEqual(4)
  })
}
