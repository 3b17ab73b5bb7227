import { describe, expect, it } from 'vitest'
import { applyJsonPatch } from '../../src/sandbox/cluster/json-patch.ts'
import { metadataOf } from '../../src/sandbox/cluster/metadata.ts'
import { jsonPatch } from './api.ts'
import type { ControlPlane } from './control-plane.ts'
import { atWeight, claimOf, orderAt } from './marks.ts'
import type { Fate } from './proxy.ts'
import { lasting } from './scene.ts'
import { until } from './until.ts'
import { useScene } from './use-scene.ts'

const image = 'registry.example.com/claude-enhancer:5.1.0'
const containers = '/spec/template/spec/containers'

/** Sizing the tracks, and seeing how they stand. */
export function workloadsContract(plane: () => ControlPlane): void {
  const scene = useScene(plane)
  const patchesOf = (path: string) => scene().proxy.requests.filter((request) => request === `PATCH ${path}`).length

  describe('size', () => {
    it('sets image, size and fence, and nothing else', async () => {
      const { cluster, api, green, ready } = scene()
      await ready(green, 0)
      const sidecar = { name: 'sidecar', image: 'example.com/sidecar:1' }
      await api.must('PATCH', green, [{ op: 'add', path: `${containers}/0`, value: sidecar }], jsonPatch)
      await ready(green, 0)
      const before = lasting(await api.must('GET', green))
      await cluster.size('green', { image, replicas: 2 }, orderAt(2))
      const after = lasting(await api.must('GET', green))
      const expected = applyJsonPatch(before, [
        { op: 'replace', path: '/spec/replicas', value: 2 },
        { op: 'replace', path: `${containers}/1/image`, value: image },
      ])
      expect(after.spec).toEqual(expected.spec)
      expect(metadataOf(after).annotations['slipway.dev/fence']).toBe('7/2')
      await ready(green, 2)
    })

    it('writes nothing when nothing changes, and only the fence when that is newer', async () => {
      const { cluster, api, green } = scene()
      await cluster.size('green', { image, replicas: 1 }, orderAt(2))
      const writes = patchesOf(green)
      await cluster.size('green', { image, replicas: 1 }, orderAt(2))
      await cluster.size('green', { replicas: 1 }, orderAt(2))
      expect(patchesOf(green)).toBe(writes)
      await cluster.size('green', { replicas: 1 }, orderAt(3))
      expect(metadataOf(await api.must('GET', green)).annotations['slipway.dev/fence']).toBe('7/3')
    })

    it('refuses before a newer fence', async () => {
      const { cluster, api, green } = scene()
      await cluster.size('green', { replicas: 1 }, orderAt(5))
      await expect(cluster.size('green', { replicas: 4 }, orderAt(4))).rejects.toMatchObject({ code: 'newer-fence' })
      await expect(cluster.size('green', { replicas: 4 }, orderAt(9, 6))).rejects.toMatchObject({ code: 'newer-fence' })
      expect((await api.must('GET', green)).spec).toMatchObject({ replicas: 1 })
      await cluster.size('green', { replicas: 2 }, orderAt(1, 8))
      expect((await api.must('GET', green)).spec).toMatchObject({ replicas: 2 })
    })

    it('keeps annotations that somebody else writes at the same moment', async () => {
      const { cluster, api, proxy, green, patchDeployment } = scene()
      let once = true
      proxy.intercept(async (method): Promise<Fate> => {
        if (method === 'PATCH' && once) {
          once = false
          await patchDeployment(green, { metadata: { annotations: { theirs: 'kept' } } })
        }
        return 'pass'
      })
      await cluster.size('green', { replicas: 1 }, orderAt(2))
      expect(metadataOf(await api.must('GET', green)).annotations).toMatchObject({
        theirs: 'kept',
        'slipway.dev/fence': '7/2',
      })
    })

    it('refuses when a newer order is carried out between reading and writing', async () => {
      const { cluster, api, proxy, green, patchDeployment } = scene()
      await cluster.size('green', { replicas: 1 }, orderAt(1))
      proxy.intercept(async (method): Promise<Fate> => {
        if (method === 'PATCH')
          await patchDeployment(green, { metadata: { annotations: { 'slipway.dev/fence': '7/9' } } })
        return 'pass'
      })
      await expect(cluster.size('green', { replicas: 4 }, orderAt(2))).rejects.toMatchObject({ code: 'newer-fence' })
      expect((await api.must('GET', green)).spec).toMatchObject({ replicas: 1 })
    })

    it('finds the container again when another is put before it between reading and writing', async () => {
      const { cluster, api, proxy, green } = scene()
      await cluster.size('green', { replicas: 1 }, orderAt(1))
      const sidecar = { name: 'sidecar', image: 'example.com/sidecar:1' }
      let once = true
      proxy.intercept(async (method): Promise<Fate> => {
        if (method === 'PATCH' && once) {
          once = false
          await api.must('PATCH', green, [{ op: 'add', path: `${containers}/0`, value: sidecar }], jsonPatch)
        }
        return 'pass'
      })
      await cluster.size('green', { image, replicas: 1 }, orderAt(2))
      const { spec } = await api.must('GET', green)
      expect(spec).toMatchObject({ template: { spec: { containers: [sidecar, { name: 'claude-enhancer', image }] } } })
    })

    it('takes a fence that can not be read for an error', async () => {
      const { cluster, green, patchDeployment } = scene()
      await patchDeployment(green, { metadata: { annotations: { 'slipway.dev/fence': 'mine' } } })
      await expect(cluster.size('green', { replicas: 1 }, orderAt(2))).rejects.toMatchObject({
        code: 'cluster-unreadable',
      })
    })
  })

  describe('view', () => {
    it('shows both tracks and the route', async () => {
      const { cluster, blue, green, ready } = scene()
      await ready(blue, 6)
      await cluster.size('green', { image, replicas: 2 }, orderAt(2))
      await ready(green, 2)
      await atWeight(scene(), 20)
      const view = await cluster.view()
      expect(view.tracks).toMatchObject({
        blue: {
          track: 'blue',
          deployment: 'claude-enhancer-blue',
          image: 'registry.example.com/claude-enhancer:5.0.0',
          replicas: 6,
          ready: 6,
          pods: 6,
          fence: null,
        },
        green: {
          track: 'green',
          deployment: 'claude-enhancer-green',
          image,
          replicas: 2,
          ready: 2,
          pods: 2,
          fence: { rollout: 7, version: 2 },
          lastManager: 'slipway',
          sizedBy: 'slipway',
        },
      })
      expect(view.tracks.blue.sizedBy).not.toBe('slipway')
      expect(view.route).toMatchObject({
        weights: { blue: 80, green: 20 },
        mark: claimOf(7, 2),
        lastManager: 'slipway',
      })
    })

    it('shows an unclaimed route, and who changed the weights by hand', async () => {
      const { cluster, api, route } = scene()
      expect((await cluster.view()).route.mark).toBeNull()
      const patch = [{ op: 'replace', path: '/spec/http/0/route/1/weight', value: 100 }]
      await api.must('PATCH', `${route}?fieldManager=kubectl-edit`, patch, jsonPatch)
      expect((await cluster.view()).route).toMatchObject({
        weights: { blue: 50, green: 50 },
        lastManager: 'kubectl-edit',
      })
    })

    it('tells who scaled a track by hand and who changed its image, each by itself, until Slipway writes again', async () => {
      const { cluster, api, green } = scene()
      await cluster.size('green', { image, replicas: 1 }, orderAt(2))
      expect((await cluster.view()).tracks.green).toMatchObject({ sizedBy: 'slipway', lastManager: 'slipway' })
      const scaled = [{ op: 'replace', path: '/spec/replicas', value: 3 }]
      await api.must('PATCH', `${green}?fieldManager=kubectl-scale`, scaled, jsonPatch)
      expect((await cluster.view()).tracks.green).toMatchObject({
        replicas: 3,
        sizedBy: 'kubectl-scale',
        lastManager: 'slipway',
      })
      const other = [{ op: 'replace', path: `${containers}/0/image`, value: 'example.com/other:1' }]
      await api.must('PATCH', `${green}?fieldManager=kubectl-set`, other, jsonPatch)
      expect((await cluster.view()).tracks.green).toMatchObject({
        image: 'example.com/other:1',
        sizedBy: 'kubectl-scale',
        lastManager: 'kubectl-set',
      })
      await cluster.size('green', { image, replicas: 2 }, orderAt(3))
      expect((await cluster.view()).tracks.green).toMatchObject({ sizedBy: 'slipway', lastManager: 'slipway' })
    })

    it('counts no pod of an older image as ready', async () => {
      const { cluster, blue, ready, api } = scene()
      await ready(blue, 6)
      const patch = [{ op: 'replace', path: `${containers}/0/image`, value: 'example.com/broken:1' }]
      await api.must('PATCH', blue, patch, jsonPatch)
      await until('new pods beside the old ones', async () => (await cluster.view()).tracks.blue.pods === 8)
      expect((await cluster.view()).tracks.blue).toMatchObject({ ready: 0, replicas: 6 })
    })

    it.each([
      ['broken', 'ImagePullBackOff'],
      ['crash', 'CrashLoopBackOff'],
    ])('reports a canary with a %s image in the pod’s own words', async (name, reason) => {
      const { cluster, ready, green } = scene()
      await ready(green, 0)
      const bad = `registry.example.com/${name}:5.1.0`
      await cluster.size('green', { image: bad, replicas: 1 }, orderAt(2))
      await until('a problem', async () => (await cluster.view()).tracks.green.problem !== undefined)
      const { problem, ready: count, pods } = (await cluster.view()).tracks.green
      expect([count, pods]).toEqual([0, 1])
      expect(problem).toMatchObject({ pod: expect.stringMatching(/^claude-enhancer-green-/), reason })
      // The kubelet's own words: what could not be pulled, or how its container ended.
      expect(problem?.message).toMatch(name === 'crash' ? /exit code|crash:5\.1\.0/ : bad)
    })
  })

  describe('templateDifferences', () => {
    it('finds none in the shipped manifests, whatever the images', async () => {
      const { cluster } = scene()
      expect(await cluster.templateDifferences()).toEqual([])
      await cluster.size('green', { image, replicas: 0 }, orderAt(2))
      expect(await cluster.templateDifferences()).toEqual([])
    })

    it('tells where the templates differ', async () => {
      const { cluster, api, green } = scene()
      const patch = [
        { op: 'add', path: `${containers}/0/env`, value: [{ name: 'MODE', value: 'slow' }] },
        { op: 'add', path: '/spec/template/metadata/labels/team', value: 'core' },
      ]
      await api.must('PATCH', green, patch, jsonPatch)
      expect([...(await cluster.templateDifferences())].sort()).toEqual([
        '/metadata/labels/team',
        '/spec/containers/0/env',
      ])
    })
  })
}
