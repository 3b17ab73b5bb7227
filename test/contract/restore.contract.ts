import { describe, expect, it } from 'vitest'
import { applyJsonPatch } from '../../src/sandbox/cluster/json-patch.ts'
import { metadataOf } from '../../src/sandbox/cluster/metadata.ts'
import { jsonPatch } from './api.ts'
import type { ControlPlane } from './control-plane.ts'
import { atWeight, claimOf, markPath, orderAt, readMark } from './marks.ts'
import type { Kind } from './notation.ts'
import type { Fate } from './proxy.ts'
import { lasting, type Scene } from './scene.ts'
import { useScene } from './use-scene.ts'

const imagePath = '/spec/template/spec/containers/0/image'

/** Makes blue come up with pods that never start. */
async function breakBlue({ api, blue, patchDeployment, ready }: Scene, replicas: number): Promise<void> {
  await patchDeployment(blue, { spec: { replicas: 0 } })
  await ready(blue, 0)
  await api.must('PATCH', blue, [{ op: 'replace', path: imagePath, value: 'example.com/broken:1' }], jsonPatch)
  await patchDeployment(blue, { spec: { replicas } })
}

/** Taking everything back to stable. */
export function restoreContract(plane: () => ControlPlane, kind: Kind): void {
  const scene = useScene(plane, kind)

  describe('with stable up', () => {
    it.each([5, 20, 50, 100])(
      'takes back %i percent, touching nothing but two weights and the mark',
      async (weight) => {
        const { cluster, blue, ready, readRoute, notation } = scene()
        await ready(blue, 6)
        await atWeight(scene(), weight)
        const before = lasting(await readRoute())
        const written = await cluster.restore('blue', 6, orderAt(3), 'hold', Date.now())
        expect(written).toMatchObject({ from: weight, to: 0 })
        expect(written.steps.map(({ name }) => name)).toEqual([
          'read the route',
          'read blue',
          'read the route',
          'write the weights',
          'read back',
        ])
        const after = lasting(await readRoute())
        const mark = metadataOf(after).annotations['slipway.dev/mark'] ?? ''
        expect(after).toEqual(
          applyJsonPatch(before, [
            { op: 'replace', path: notation.weightPath(0), value: 100 },
            { op: 'replace', path: notation.weightPath(1), value: 0 },
            { op: 'replace', path: markPath, value: mark },
          ]),
        )
        expect(JSON.parse(mark)).toMatchObject({ rollout: 7, version: 3, weight: 0, closed: false })
      },
    )

    it('only confirms what is all on stable, but an older order to shift finds its fence', async () => {
      const { cluster, routeWrites, weights } = scene()
      await cluster.claim(claimOf())
      expect(await cluster.restore('blue', 6, orderAt(3), 'hold', Date.now())).toMatchObject({ from: 0, to: 0 })
      await expect(cluster.shift('green', 5, 0, orderAt(2))).rejects.toMatchObject({ code: 'newer-fence' })
      const writes = routeWrites()
      const again = await cluster.restore('blue', 6, orderAt(3), 'hold', Date.now())
      expect(again.steps.map(({ name }) => name)).toEqual(['read the route', 'read the route', 'read back'])
      expect([routeWrites(), await weights()]).toEqual([writes, [100, 0]])
    })

    it('works when the canary has vanished, and without a mark', async () => {
      const { cluster, blue, green, ready, api, patchRoute, weights } = scene()
      await ready(blue, 6)
      await atWeight(scene(), 20)
      await api.must('DELETE', green)
      await patchRoute([{ op: 'remove', path: markPath }])
      expect(await cluster.restore('blue', 6, orderAt(3), 'hold', Date.now())).toMatchObject({ from: 20, to: 0 })
      expect(await weights()).toEqual([100, 0])
      expect(await readMark(scene())).toMatchObject({ rollout: 7, version: 3 })
    })

    it('counts as done when somebody has taken the canary out of the route, and an older order finds its fence', async () => {
      const { cluster, blue, ready, patchRoute, readRoute, notation } = scene()
      await ready(blue, 6)
      await atWeight(scene(), 20)
      await patchRoute([{ op: 'remove', path: notation.entryPath(1) }])
      expect(await cluster.restore('blue', 6, orderAt(3), 'hold', Date.now())).toMatchObject({ from: 0, to: 0 })
      expect(notation.weightsOf(await readRoute())).toEqual([80])
      expect(await readMark(scene())).toMatchObject({ rollout: 7, version: 3, weight: 0, closed: false })
      await patchRoute([
        { op: 'add', path: notation.entryPath(1), value: notation.entry(notation.destinations.green, 20) },
      ])
      await expect(cluster.shift('green', 20, 20, orderAt(2))).rejects.toMatchObject({ code: 'newer-fence' })
      await cluster.restore('blue', 6, orderAt(4), 'hold', Date.now())
      expect(notation.weightsOf(await readRoute())).toEqual([100, 0])
    })

    it.each([0, undefined])('gives stable its weight where the canary is not in the route: %s', async (left) => {
      const { cluster, blue, ready, patchRoute, readRoute, notation } = scene()
      await ready(blue, 6)
      await atWeight(scene(), 20)
      const { entry, destinations, entryPath } = notation
      await patchRoute([
        { op: 'remove', path: entryPath(1) },
        { op: 'replace', path: entryPath(0), value: entry(destinations.blue, left) },
      ])
      const line = await cluster.byHand('blue')
      expect(line).toContain('kubectl')
      await cluster.restore('blue', 6, orderAt(3), 'hold', Date.now())
      // The Gateway API takes an absent weight for 1; an API server that knows its CRD writes that down.
      const whole = kind === 'http-route' && left === undefined ? [[null], [1]] : [[100]]
      expect(whole).toContainEqual(notation.weightsOf(await readRoute()))
      expect(await readMark(scene())).toMatchObject({ version: 3, weight: 0 })
    })

    it('leaves a third destination and every other route as they are', async () => {
      const { cluster, blue, ready, patchRoute, readRoute, notation } = scene()
      const { rule, rules, entry, entryPath, weightPath, destinations, weightsOf } = notation
      await ready(blue, 6)
      await patchRoute([
        { op: 'replace', path: weightPath(0), value: 90 },
        { op: 'add', path: entryPath(0), value: entry({ host: 'mirror' }, 10) },
        { op: 'add', path: `${rules}/0`, value: rule('special', [entry(destinations.green, 100)]) },
      ])
      await atWeight(scene(), 50)
      expect(weightsOf(await readRoute(), 1)).toEqual([10, 45, 45])
      await cluster.restore('blue', 6, orderAt(3), 'hold', Date.now())
      const after = await readRoute()
      expect([weightsOf(after, 0), weightsOf(after, 1)]).toEqual([[100], [10, 90, 0]])
    })

    it('finds the route by name when others move between reading and writing', async () => {
      const { cluster, blue, ready, proxy, patchRoute, readRoute, notation } = scene()
      await ready(blue, 6)
      await atWeight(scene(), 20)
      let once = true
      proxy.intercept(async (method): Promise<Fate> => {
        if (method === 'PATCH' && once) {
          once = false
          const value = notation.rule('new', [notation.entry({ host: 'elsewhere' })])
          await patchRoute([{ op: 'add', path: `${notation.rules}/0`, value }])
        }
        return 'pass'
      })
      await cluster.restore('blue', 6, orderAt(3), 'hold', Date.now())
      expect(notation.weightsOf(await readRoute(), 1)).toEqual([100, 0])
    })

    it('takes back whatever weights somebody else has set meanwhile', async () => {
      const { cluster, blue, ready, proxy, patchRoute, weights, notation } = scene()
      await ready(blue, 6)
      await atWeight(scene(), 20)
      let once = true
      proxy.intercept(async (method): Promise<Fate> => {
        if (method === 'PATCH' && once) {
          once = false
          await patchRoute([
            { op: 'replace', path: notation.weightPath(0), value: 10 },
            { op: 'replace', path: notation.weightPath(1), value: 90 },
          ])
        }
        return 'pass'
      })
      expect(await cluster.restore('blue', 6, orderAt(3), 'hold', Date.now())).toMatchObject({ from: 90, to: 0 })
      expect(await weights()).toEqual([100, 0])
    })

    it('touches nothing at all before a newer fence', async () => {
      const { cluster, blue, ready, patchDeployment, proxy, weights } = scene()
      await patchDeployment(blue, { spec: { replicas: 1 } })
      await ready(blue, 1)
      await atWeight(scene(), 20)
      const before = proxy.requests.length
      await expect(cluster.restore('blue', 6, orderAt(9, 6), 'hold', Date.now())).rejects.toMatchObject({
        code: 'newer-fence',
      })
      expect(proxy.requests.slice(before).filter((request) => request.startsWith('PATCH'))).toEqual([])
      expect(await weights()).toEqual([80, 20])
    })

    it('is allowed on a closed mark, which stays closed', async () => {
      const { cluster, blue, ready, patchRoute } = scene()
      await ready(blue, 6)
      await atWeight(scene(), 20)
      const closed = { ...(await readMark(scene())), closed: true, by: 'cli:operator' }
      await patchRoute([{ op: 'replace', path: markPath, value: JSON.stringify(closed) }])
      await expect(cluster.shift('green', 50, 20, orderAt(4))).rejects.toMatchObject({ code: 'fence-closed' })
      await cluster.restore('blue', 6, orderAt(5), 'hold', Date.now())
      await cluster.claim(claimOf(7, 6))
      expect(await readMark(scene())).toMatchObject({ closed: true, by: 'cli:operator', version: 6 })
      await cluster.claim(claimOf(8, 1))
      expect(await readMark(scene())).toMatchObject({ closed: false, by: 'slipway', rollout: 8 })
    })
  })

  describe('with stable not up', () => {
    it('scales stable first when too few of its pods are ready, and then writes', async () => {
      const { cluster, api, blue, ready, patchDeployment, weights } = scene()
      await patchDeployment(blue, { spec: { replicas: 2 } })
      await ready(blue, 2)
      await atWeight(scene(), 50)
      const written = await cluster.restore('blue', 6, orderAt(3), 'hold', Date.now())
      expect(written.steps.map(({ name }) => name)).toEqual([
        'read the route',
        'read blue',
        'scale blue to 6',
        'wait for blue',
        'read the route',
        'write the weights',
        'read back',
      ])
      const { spec, status, metadata } = await api.must('GET', blue)
      expect(spec).toMatchObject({ replicas: 6 })
      expect(status).toMatchObject({ readyReplicas: expect.toSatisfy((count) => count >= 5) })
      expect(metadata).toMatchObject({ annotations: { 'slipway.dev/fence': '7/3' } })
      expect(await weights()).toEqual([100, 0])
    })

    it('does not wait for more than the share of pods that is enough', async () => {
      const { cluster, blue, ready, patchDeployment } = scene()
      await patchDeployment(blue, { spec: { replicas: 5 } })
      await ready(blue, 5)
      await atWeight(scene(), 50)
      const { steps } = await cluster.restore('blue', 6, orderAt(3), 'hold', Date.now())
      expect(steps.map(({ name }) => name)).not.toContain('scale blue to 6')
    })

    it('writes after its time is over with the pods that came', async () => {
      const { adapter, blue, ready, patchDeployment, weights, api } = scene()
      await patchDeployment(blue, { spec: { replicas: 2 } })
      await ready(blue, 2)
      // New pods don't start; the rolling update keeps the two old ones.
      await api.must('PATCH', blue, [{ op: 'replace', path: imagePath, value: 'example.com/broken:1' }], jsonPatch)
      await atWeight(scene(), 50)
      const began = Date.now()
      const written = await adapter({ scaleFirst: 600 }).restore('blue', 6, orderAt(3), 'hold', began)
      // How much of that is left for the wait itself is the machine's to say.
      expect(Date.now() - began).toBeGreaterThanOrEqual(600)
      expect(written.steps.map(({ name }) => name)).toContain('wait for blue')
      expect(await weights()).toEqual([100, 0])
    })

    it('waits once for an order, however often it is tried', async () => {
      const { adapter, blue, ready, patchDeployment, weights } = scene()
      await patchDeployment(blue, { spec: { replicas: 2 } })
      await ready(blue, 2)
      await atWeight(scene(), 50)
      const written = await adapter({ scaleFirst: 60_000 }).restore('blue', 60, orderAt(3), 'hold', Date.now() - 60_000)
      expect(written.steps.find(({ name }) => name === 'wait for blue')?.ms).toBeLessThan(10_000)
      expect(await weights()).toEqual([100, 0])
    })

    it('holds without a ready pod, goes ahead when told to', async () => {
      const { adapter, weights, routeWrites } = scene()
      await breakBlue(scene(), 2)
      await atWeight(scene(), 50)
      const cluster = adapter({ scaleFirst: 500 })
      const writes = routeWrites()
      await expect(cluster.restore('blue', 2, orderAt(3), 'hold', Date.now())).rejects.toMatchObject({
        code: 'stable-not-ready',
      })
      expect([routeWrites(), await weights()]).toEqual([writes, [50, 50]])
      expect(await cluster.restore('blue', 2, orderAt(3), 'go-ahead', Date.now())).toMatchObject({ from: 50, to: 0 })
      expect(await weights()).toEqual([100, 0])
    })

    it('holds when stable is gone altogether', async () => {
      const { adapter, api, blue, weights } = scene()
      await atWeight(scene(), 50)
      await api.must('DELETE', blue)
      const restored = adapter({ scaleFirst: 300 }).restore('blue', 6, orderAt(3), 'hold', Date.now())
      await expect(restored).rejects.toMatchObject({ code: 'stable-not-ready' })
      expect(await weights()).toEqual([50, 50])
    })

    it.each([403, 500, 503])('is not stopped when Deployments answer %i', async (status) => {
      const { cluster, proxy, weights } = scene()
      await atWeight(scene(), 50)
      proxy.intercept((_, path) => (path.includes('/deployments/') ? status : 'pass'))
      const written = await cluster.restore('blue', 6, orderAt(3), 'hold', Date.now())
      expect(written.steps[1]?.name).toMatch(/^read blue: cluster-/)
      expect(await weights()).toEqual([100, 0])
    })

    it('is not stopped when stable can not be scaled', async () => {
      const { adapter, proxy, blue, ready, patchDeployment, weights } = scene()
      await patchDeployment(blue, { spec: { replicas: 1 } })
      await ready(blue, 1)
      await atWeight(scene(), 50)
      proxy.intercept((method, path) => (method === 'PATCH' && path === blue ? 403 : 'pass'))
      const written = await adapter({ scaleFirst: 300 }).restore('blue', 6, orderAt(3), 'hold', Date.now())
      expect(written.steps.map(({ name }) => name)).toContain('scale blue to 6: cluster-forbidden')
      expect(await weights()).toEqual([100, 0])
    })
  })
}
