import { describe, expect, it } from 'vitest'
import { type JsonObject, parseJsonObject } from '../../src/sandbox/cluster/json.ts'
import { applyJsonPatch } from '../../src/sandbox/cluster/json-patch.ts'
import { metadataOf } from '../../src/sandbox/cluster/metadata.ts'
import type { ControlPlane } from './control-plane.ts'
import { atWeight, claimOf, markPath, orderAt, readMark, strangerAt } from './marks.ts'
import { type Kind, notations } from './notation.ts'
import type { Fate } from './proxy.ts'
import { lasting } from './scene.ts'
import { useScene } from './use-scene.ts'

/** Claiming the route and shifting weight to the canary. */
export function trafficContract(plane: () => ControlPlane, kind: Kind): void {
  const scene = useScene(plane, kind)
  const { entry, entryPath, weightPath, rule, rules, destinations, weightsOf } = notations[kind]

  describe('claim', () => {
    it('swaps the parts only once the new stable has everything; break-glass then leaves it there', async () => {
      const { cluster, blue, ready, weights } = scene()
      await ready(blue, 6)
      await atWeight(scene(), 50)
      const swapped = { ...claimOf(7, 9), stable: 'green', canary: 'blue' } as const
      await expect(cluster.claim(swapped)).rejects.toMatchObject({ code: 'weights-differ' })
      expect(await readMark(scene())).toMatchObject({ stable: 'blue' })
      await cluster.shift('green', 100, 50, orderAt(8))
      await cluster.claim(swapped)
      expect((await cluster.view()).route.mark).toMatchObject({ stable: 'green', canary: 'blue' })
      expect(await weights()).toEqual([0, 100])
    })

    it('marks the route and changes nothing else', async () => {
      const { cluster, readRoute } = scene()
      const before = lasting(await readRoute())
      await cluster.claim(claimOf())
      const after = lasting(await readRoute())
      const { annotations, ...metadata } = metadataOf(after)
      expect(Object.keys(annotations)).toEqual(['slipway.dev/mark'])
      const { annotations: none, ...metadataBefore } = metadataOf(before)
      expect([metadata, after.spec, none]).toEqual([metadataBefore, before.spec, {}])
      expect(await readMark(scene())).toMatchObject({
        ...claimOf(),
        closed: false,
        by: 'slipway',
        sum: 100,
        route: 'primary',
      })
    })

    it('is repeated without a write, and never goes back in version', async () => {
      const { cluster, routeWrites } = scene()
      await cluster.claim(claimOf(7, 3))
      await cluster.claim(claimOf(7, 3))
      await cluster.claim(claimOf(7, 2))
      expect(routeWrites()).toBe(1)
      expect(await readMark(scene())).toMatchObject({ rollout: 7, version: 3 })
      await cluster.claim(claimOf(7, 4))
      expect(await readMark(scene())).toMatchObject({ rollout: 7, version: 4 })
    })

    it('takes over from an older rollout, and refuses before a newer one', async () => {
      const { cluster } = scene()
      await cluster.claim(claimOf(7, 9))
      await cluster.claim(claimOf(8, 1))
      await expect(cluster.claim(claimOf(7, 10))).rejects.toMatchObject({ code: 'newer-fence' })
      expect(await readMark(scene())).toMatchObject({ rollout: 8, version: 1 })
    })

    it('keeps what somebody else wrote between reading and writing', async () => {
      const { cluster, proxy, patchRoute, readRoute, routeWrites } = scene()
      let once = true
      proxy.intercept(async (method): Promise<Fate> => {
        if (method === 'PATCH' && once) {
          once = false
          await patchRoute([{ op: 'add', path: '/metadata/annotations', value: { theirs: 'kept' } }])
        }
        return 'pass'
      })
      await cluster.claim(claimOf())
      expect(routeWrites()).toBe(2)
      expect(metadataOf(await readRoute()).annotations).toMatchObject({ theirs: 'kept' })
      expect(await readMark(scene())).toMatchObject(claimOf())
    })

    it("refuses a route with another service's mark", async () => {
      const { cluster } = scene()
      await cluster.claim({ ...claimOf(), service: 'another' })
      await expect(cluster.claim(claimOf(8))).rejects.toMatchObject({ code: 'other-service' })
      await expect(cluster.shift('green', 5, 0, orderAt(1, 8))).rejects.toMatchObject({ code: 'other-service' })
    })
  })

  describe('shift', () => {
    it('goes through the phases, touching nothing but two weights and the mark', async () => {
      const { cluster, readRoute, weights } = scene()
      await cluster.claim(claimOf())
      const before = lasting(await readRoute())
      const phases = [
        [5, 0],
        [20, 5],
        [50, 20],
        [100, 50],
      ] as const
      for (const [index, [weight, from]] of phases.entries()) {
        const written = await cluster.shift('green', weight, from, orderAt(index + 2))
        expect(written).toMatchObject({ from, to: weight })
        expect(written.steps.map(({ name }) => name)).toEqual(['read the route', 'write the weights', 'read back'])
        expect(await weights()).toEqual([100 - weight, weight])
      }
      const mark = metadataOf(await readRoute()).annotations['slipway.dev/mark'] ?? ''
      const expected = applyJsonPatch(before, [
        { op: 'replace', path: weightPath(0), value: 0 },
        { op: 'replace', path: weightPath(1), value: 100 },
        { op: 'replace', path: markPath, value: mark },
      ])
      expect(lasting(await readRoute())).toEqual(expected)
      expect(JSON.parse(mark)).toMatchObject({ rollout: 7, version: 5, weight: 100, sum: 100 })
    })

    it('writes nothing when it is all there already, and only the newer fence when that is new', async () => {
      const { cluster, routeWrites, weights } = scene()
      await atWeight(scene(), 5)
      const writes = routeWrites()
      expect(await cluster.shift('green', 5, 0, orderAt(2))).toMatchObject({ from: 5, to: 5 })
      expect(routeWrites()).toBe(writes)
      await cluster.shift('green', 5, 0, orderAt(3))
      expect(await readMark(scene())).toMatchObject({ version: 3 })
      await expect(cluster.shift('green', 5, 0, orderAt(2))).rejects.toMatchObject({ code: 'newer-fence' })
      expect(await weights()).toEqual([95, 5])
    })

    it('refuses before a newer fence, by rollout and by version', async () => {
      const { cluster, weights, routeWrites } = scene()
      await cluster.claim(claimOf(7, 4))
      const writes = routeWrites()
      await expect(cluster.shift('green', 5, 0, orderAt(3))).rejects.toMatchObject({ code: 'newer-fence' })
      await expect(cluster.shift('green', 5, 0, orderAt(9, 6))).rejects.toMatchObject({
        code: 'newer-fence',
        detail: { ours: '6/9', found: '7/4' },
      })
      expect([await weights(), routeWrites()]).toEqual([[100, 0], writes])
    })

    it('refuses to go on from an order that its record does not know, whichever version is higher', async () => {
      const { cluster, weights, routeWrites } = scene()
      await atWeight(scene(), 5)
      const writes = routeWrites()
      for (const version of [3, 2])
        await expect(cluster.shift('green', 20, 5, strangerAt(version))).rejects.toMatchObject({
          code: 'fence-unknown',
          detail: { ours: `7/${version}`, found: '7/2' },
        })
      expect([await weights(), routeWrites()]).toEqual([[95, 5], writes])
      // Taking back waits for no such thing.
      await cluster.restore('blue', 6, strangerAt(3), 'go-ahead', Date.now())
      expect(await weights()).toEqual([100, 0])
      expect(await readMark(scene())).toMatchObject({ version: 3, hash: strangerAt(3).hash })
    })

    it('goes on from the mark of an older Slipway, which carries no hash', async () => {
      const { cluster } = scene()
      const { hash: _, ...old } = claimOf()
      await cluster.claim(old)
      expect(await readMark(scene())).not.toHaveProperty('hash')
      expect(await cluster.shift('green', 5, 0, strangerAt(2))).toMatchObject({ to: 5 })
    })

    it('refuses an order whose time has passed', async () => {
      const { cluster, weights } = scene()
      await cluster.claim(claimOf())
      const late = { ...orderAt(2), until: Date.now() - 1 }
      await expect(cluster.shift('green', 5, 0, late)).rejects.toMatchObject({ code: 'order-too-old' })
      expect(await weights()).toEqual([100, 0])
      expect(await cluster.shift('green', 5, 0, { ...late, until: Date.now() + 600_000 })).toMatchObject({ to: 5 })
    })

    it('refuses weights that somebody else changed', async () => {
      const { cluster, patchRoute, weights } = scene()
      await cluster.claim(claimOf())
      await patchRoute([
        { op: 'replace', path: weightPath(0), value: 70 },
        { op: 'replace', path: weightPath(1), value: 30 },
      ])
      await expect(cluster.shift('green', 5, 0, orderAt(2))).rejects.toMatchObject({
        code: 'weights-differ',
        detail: { expected: 'blue 100, green 0', found: 'blue 70, green 30' },
      })
      expect(await weights()).toEqual([70, 30])
    })

    it('takes what was read for what is there, whatever the sum', async () => {
      const { cluster, patchRoute, weights } = scene()
      await cluster.claim(claimOf())
      await patchRoute([
        { op: 'replace', path: weightPath(0), value: 60 },
        { op: 'replace', path: weightPath(1), value: 30 },
      ])
      const found = (await cluster.view()).route.weights.green
      expect(found).toBe(33.33)
      expect(await cluster.shift('green', 5, found, orderAt(2))).toMatchObject({ to: 5 })
      expect(await weights()).toEqual([86, 4])
    })

    it('takes half for no 5 %, though 1 of 2 is the least there is', async () => {
      const { cluster, patchRoute, weights } = scene()
      await cluster.claim(claimOf())
      await cluster.shift('green', 5, 0, orderAt(2))
      await patchRoute([
        { op: 'replace', path: weightPath(0), value: 1 },
        { op: 'replace', path: weightPath(1), value: 1 },
      ])
      expect((await cluster.view()).route.weights.green).toBe(50)
      await expect(cluster.shift('green', 50, 5, orderAt(3))).resolves.toMatchObject({ from: 50, to: 50 })
      await expect(cluster.shift('green', 100, 5, orderAt(4))).rejects.toMatchObject({ code: 'weights-differ' })
      expect(await weights()).toEqual([1, 1])
    })

    it('refuses weights that somebody else changes between reading and writing', async () => {
      const { cluster, proxy, patchRoute, weights } = scene()
      await cluster.claim(claimOf())
      proxy.intercept(async (method): Promise<Fate> => {
        if (method === 'PATCH') {
          await patchRoute([
            { op: 'replace', path: weightPath(0), value: 70 },
            { op: 'replace', path: weightPath(1), value: 30 },
          ])
        }
        return 'pass'
      })
      await expect(cluster.shift('green', 5, 0, orderAt(2))).rejects.toMatchObject({ code: 'weights-differ' })
      expect(await weights()).toEqual([70, 30])
    })

    it('refuses when a newer rollout claims the route between reading and writing', async () => {
      const { cluster, proxy, weights, adapter } = scene()
      await cluster.claim(claimOf())
      let once = true
      proxy.intercept(async (method): Promise<Fate> => {
        if (method === 'PATCH' && once) {
          once = false
          await adapter({}).claim(claimOf(8, 1))
        }
        return 'pass'
      })
      await expect(cluster.shift('green', 5, 0, orderAt(2))).rejects.toMatchObject({ code: 'newer-fence' })
      expect(await weights()).toEqual([100, 0])
    })

    it('finds its route again when another is put before it between reading and writing', async () => {
      const { cluster, proxy, patchRoute, readRoute } = scene()
      await cluster.claim(claimOf())
      const twin = rule('twin', [entry(destinations.blue, 100), entry(destinations.green, 0)])
      let once = true
      proxy.intercept(async (method): Promise<Fate> => {
        if (method === 'PATCH' && once) {
          once = false
          await patchRoute([{ op: 'add', path: `${rules}/0`, value: twin }])
        }
        return 'pass'
      })
      await cluster.shift('green', 5, 0, orderAt(2))
      const after = await readRoute()
      expect([weightsOf(after, 0), weightsOf(after, 1)]).toEqual([
        [100, 0],
        [95, 5],
      ])
    })

    it('keeps the sum of a pair that shares the route with a third destination', async () => {
      const { cluster, patchRoute, weights } = scene()
      await patchRoute([
        { op: 'replace', path: weightPath(0), value: 90 },
        { op: 'add', path: entryPath(2), value: entry({ host: 'mirror' }, 10) },
      ])
      await cluster.claim(claimOf())
      const to = async (weight: number, from: number, version: number) => {
        expect(await cluster.shift('green', weight, from, orderAt(version))).toMatchObject({ from, to: weight })
        return weights()
      }
      expect(await to(5, 0, 2)).toEqual([86, 4, 10])
      expect((await cluster.view()).route.weights).toEqual({ blue: 95, green: 5 })
      expect(await to(20, 5, 3)).toEqual([72, 18, 10])
      expect(await to(100, 20, 4)).toEqual([0, 90, 10])
    })

    it('manages the only route of an object that does not name it, and weights that are not written', async () => {
      const { adapter, config, patchRoute, readRoute } = scene()
      await patchRoute([
        { op: 'remove', path: `${rules}/0/name` },
        { op: 'remove', path: weightPath(1) },
      ])
      const { name } = config.traffic
      const cluster = adapter({ traffic: { kind, name } })
      await cluster.claim(claimOf())
      // The Gateway API takes an absent weight for 1.
      const sum = kind === 'http-route' ? 101 : 100
      const before = (await cluster.view()).route.weights.green
      expect(before > 0).toBe(kind === 'http-route')
      await cluster.shift('green', 5, before, orderAt(2))
      expect(weightsOf(await readRoute())).toEqual([sum - 5, 5])
      await patchRoute([{ op: 'add', path: `${rules}/1`, value: rule('x', [entry({ host: 'x' })]) }])
      await expect(cluster.shift('green', 20, 5, orderAt(3))).rejects.toMatchObject({ code: 'route-ambiguous' })
    })

    it('writes on a mark that holds characters the API server escapes', async () => {
      const { cluster, patchRoute, weights } = scene()
      await cluster.claim(claimOf())
      const mark: JsonObject = { ...(await readMark(scene())), by: 'somebody <at> home' }
      await patchRoute([{ op: 'replace', path: markPath, value: JSON.stringify(mark) }])
      await cluster.shift('green', 5, 0, orderAt(2))
      expect(await weights()).toEqual([95, 5])
    })

    it('takes a mark that can not be read for an error, never for none', async () => {
      const { cluster, patchRoute, weights } = scene()
      await cluster.claim(claimOf())
      await patchRoute([{ op: 'replace', path: markPath, value: '{"rollout": 9' }])
      await expect(cluster.claim(claimOf())).rejects.toMatchObject({ code: 'cluster-unreadable' })
      await expect(cluster.shift('green', 5, 0, orderAt(2))).rejects.toMatchObject({ code: 'cluster-unreadable' })
      await expect(cluster.view()).rejects.toMatchObject({ code: 'cluster-unreadable' })
      await expect(cluster.restore('blue', 6, orderAt(2), 'hold', Date.now())).rejects.toMatchObject({
        code: 'cluster-unreadable',
      })
      expect(await weights()).toEqual([100, 0])
    })

    it('tells when the weights read back are not those it wrote', async () => {
      const { cluster, proxy, patchRoute } = scene()
      await cluster.claim(claimOf())
      let written = false
      proxy.intercept(async (method): Promise<Fate> => {
        if (method === 'GET' && written) await patchRoute([{ op: 'replace', path: weightPath(1), value: 6 }])
        if (method === 'PATCH') written = true
        return 'pass'
      })
      await expect(cluster.shift('green', 5, 0, orderAt(2))).rejects.toMatchObject({
        code: 'read-back-differs',
        detail: { wanted: 'blue 95, green 5', found: 'blue 95, green 6' },
      })
    })

    it('is repeated when nobody knows whether it was carried out', async () => {
      const { cluster, proxy, weights } = scene()
      await cluster.claim(claimOf())
      proxy.intercept((method) => (method === 'PATCH' ? 'cut-after' : 'pass'))
      await expect(cluster.shift('green', 5, 0, orderAt(2))).rejects.toMatchObject({ code: 'cluster-unreachable' })
      proxy.intercept()
      expect(await cluster.shift('green', 5, 0, orderAt(2))).toMatchObject({ to: 5 })
      expect(await weights()).toEqual([95, 5])
    })

    it('gives up with the status when somebody else writes each time', async () => {
      const { cluster, proxy, patchRoute, weights } = scene()
      await cluster.claim(claimOf())
      let count = 0
      proxy.intercept(async (method): Promise<Fate> => {
        if (method === 'PATCH') {
          count += 1
          const mark = parseJsonObject({ ...(await readMark(scene())), at: new Date(count).toISOString() })
          await patchRoute([{ op: 'replace', path: markPath, value: JSON.stringify(mark) }])
        }
        return 'pass'
      })
      await expect(cluster.shift('green', 5, 0, orderAt(2))).rejects.toMatchObject({
        code: 'cluster-refused',
        detail: { status: 422 },
      })
      expect(await weights()).toEqual([100, 0])
    })
  })
}
