import { describe, expect, it } from 'vitest'
import { member } from '../../src/sandbox/cluster/json.ts'
import { metadataOf } from '../../src/sandbox/cluster/metadata.ts'
import { jsonPatch, mergePatch } from './api.ts'
import type { ControlPlane } from './control-plane.ts'
import { until } from './until.ts'
import { useScene } from './use-scene.ts'

const firstWeight = '/spec/http/0/route/0/weight'

/** What the adapter relies on, asked of the control plane without the adapter: the stand-in answers as the real one does. */
export function apiContract(plane: () => ControlPlane): void {
  const scene = useScene(plane)

  describe('a JSON patch', () => {
    it.each([
      ['a test that fails', [{ op: 'test', path: '/spec/http/0/name', value: 'other' }]],
      ['a missing parent', [{ op: 'add', path: '/metadata/annotations/a', value: '1' }]],
      ['an index beyond the end', [{ op: 'test', path: '/spec/http/4/name', value: 'primary' }]],
      ['a test for 0 where nothing is', [{ op: 'test', path: '/spec/http/0/timeout', value: 0 }]],
      ['an unknown operation', [{ op: 'increase', path: firstWeight }]],
      ['removing what is not there', [{ op: 'remove', path: '/spec/http/0/timeout' }]],
    ])('with %s is refused without a hint', async (_, patch) => {
      const { api, route, readRoute } = scene()
      const before = await readRoute()
      const answer = await api.call('PATCH', route, patch, jsonPatch)
      expect(answer.body).toEqual({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'the server rejected our request due to an error in our request',
        reason: 'Invalid',
        details: {},
        code: 422,
      })
      expect(answer.status).toBe(422)
      expect(await readRoute()).toEqual(before)
    })

    it('never passes a test on text with characters that the API server escapes', async () => {
      const { api, route } = scene()
      await api.must('PATCH', route, { metadata: { annotations: { who: 'a<b', plain: 'é "\\u003c' } } }, mergePatch)
      const test = (path: string, value: string) => api.call('PATCH', route, [{ op: 'test', path, value }], jsonPatch)
      expect((await test('/metadata/annotations/who', 'a<b')).status).toBe(422)
      expect((await test('/metadata/annotations/plain', 'é "\\u003c')).status).toBe(200)
    })

    it('tests objects whatever the order of their members', async () => {
      const { api, route } = scene()
      const value = { subset: 'blue', host: 'claude-enhancer' }
      const patch = [{ op: 'test', path: '/spec/http/0/route/0/destination', value }]
      expect((await api.call('PATCH', route, patch, jsonPatch)).status).toBe(200)
    })

    it('is all or nothing', async () => {
      const { api, route, weights } = scene()
      const patch = [
        { op: 'replace', path: firstWeight, value: 50 },
        { op: 'test', path: firstWeight, value: 100 },
      ]
      expect((await api.call('PATCH', route, patch, jsonPatch)).status).toBe(422)
      expect(await weights()).toEqual([100, 0])
    })

    it('that changes nothing makes no new version', async () => {
      const { readRoute, patchRoute } = scene()
      const before = await readRoute()
      await patchRoute([{ op: 'replace', path: firstWeight, value: 100 }])
      expect(await readRoute()).toEqual(before)
    })

    it('inserts into lists, and moves what follows', async () => {
      const { patchRoute, notation } = scene()
      const http = { name: 'first', route: [{ destination: { host: 'claude-enhancer' } }] }
      const after = await patchRoute([{ op: 'add', path: '/spec/http/0', value: http }])
      expect(notation.weightsOf(after, 1)).toEqual([100, 0])
    })
  })

  describe('versions', () => {
    it('refuses an outdated one, in a merge patch and in a JSON patch', async () => {
      const { api, route } = scene()
      const merge = await api.call('PATCH', route, { metadata: { resourceVersion: '1' } }, mergePatch)
      const replace = [{ op: 'replace', path: '/metadata/resourceVersion', value: '1' }]
      const json = await api.call('PATCH', route, replace, jsonPatch)
      expect(merge).toEqual(json)
      expect(merge.status).toBe(409)
      expect(merge.body).toMatchObject({
        reason: 'Conflict',
        details: { name: 'claude-enhancer', group: 'networking.istio.io', kind: 'virtualservices' },
      })
    })

    it('refuses an outdated object', async () => {
      const { api, route, readRoute, patchRoute } = scene()
      const old = await readRoute()
      await patchRoute([{ op: 'replace', path: firstWeight, value: 99 }])
      expect((await api.call('PUT', route, old)).status).toBe(409)
    })

    it('raises the generation of a route for its spec, not for its annotations', async () => {
      const { patchRoute } = scene()
      const one = await patchRoute([{ op: 'replace', path: firstWeight, value: 99 }])
      const two = await patchRoute([{ op: 'add', path: '/metadata/annotations', value: { a: '1' } }])
      expect([metadataOf(one).generation, metadataOf(two).generation]).toEqual([2, 2])
    })

    it('raises the generation of a Deployment for its annotations too', async () => {
      const { api, green, patchDeployment, ready } = scene()
      await ready(green, 0)
      const before = metadataOf(await api.must('GET', green)).generation
      const after = await patchDeployment(green, { metadata: { annotations: { a: '1' } } })
      expect(metadataOf(after).generation).toBe(before + 1)
    })

    it('notes who wrote the routes last', async () => {
      const { api, route } = scene()
      const patch = [{ op: 'replace', path: firstWeight, value: 99 }]
      const after = await api.must('PATCH', `${route}?fieldManager=somebody`, patch, jsonPatch)
      const owners = JSON.parse(JSON.stringify(member(after, 'metadata').managedFields))
        .filter((entry: { fieldsV1: Record<string, object> }) => 'f:http' in (entry.fieldsV1['f:spec'] ?? {}))
        .map((entry: { manager: string }) => entry.manager)
      expect(owners).toEqual(['somebody'])
    })
  })

  describe('refusals', () => {
    it('tells what is not there, what is there already, and what it does not know', async () => {
      const { api, route } = scene()
      const missing = await api.call('GET', `${route}-2`)
      expect(missing.status).toBe(404)
      expect(missing.body.message).toBe('virtualservices.networking.istio.io "claude-enhancer-2" not found')
      const parent = route.slice(0, route.lastIndexOf('/'))
      const object = {
        apiVersion: 'networking.istio.io/v1',
        kind: 'VirtualService',
        metadata: { name: 'claude-enhancer' },
      }
      const doubled = await api.call('POST', parent, { ...object, spec: {} })
      expect(doubled.body).toMatchObject({ code: 409, reason: 'AlreadyExists' })
      const elsewhere = parent.replace(/namespaces\/[^/]+/, 'namespaces/nowhere')
      expect((await api.call('POST', elsewhere, { ...object, spec: {} })).body).toMatchObject({
        code: 404,
        message: 'namespaces "nowhere" not found',
      })
    })

    it('takes only patches it knows, and only what its schemas allow', async () => {
      const { api, route, green } = scene()
      expect((await api.call('PATCH', route, {}, 'application/json')).status).toBe(415)
      const text = [{ op: 'replace', path: firstWeight, value: 'many' }]
      expect((await api.call('PATCH', route, text, jsonPatch)).body).toMatchObject({ code: 422, reason: 'Invalid' })
      const below = await api.call('PATCH', green, { spec: { replicas: -1 } }, mergePatch)
      expect(below.body).toMatchObject({ code: 422, reason: 'Invalid' })
    })
  })

  describe('Deployments', () => {
    const counts = ['replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas'] as const

    it('make pods that become ready, and leave zeros out of their status', async () => {
      const { api, blue, green, ready } = scene()
      await ready(blue, 6)
      await ready(green, 0)
      const status = async (path: string) => {
        const found = member(await api.must('GET', path), 'status')
        return counts.map((count) => found[count])
      }
      expect(await status(blue)).toEqual([6, 6, 6, 6, undefined])
      expect(await status(green)).toEqual([undefined, undefined, undefined, undefined, undefined])
    })

    it('replace their pods one after another, never with fewer ready ones than allowed', async () => {
      const { api, blue, ready, patchDeployment, namespace } = scene()
      await ready(blue, 6)
      const container = { name: 'claude-enhancer', image: 'registry.example.com/claude-enhancer:5.0.1' }
      const patch = [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: container.image }]
      await api.must('PATCH', blue, patch, jsonPatch)
      let fewest = 6
      await until('all pods replaced', async () => {
        const status = member(await api.must('GET', blue), 'status')
        fewest = Math.min(fewest, Number(status.readyReplicas ?? 0))
        return status.updatedReplicas === 6 && status.replicas === 6 && status.readyReplicas === 6
      })
      expect(fewest).toBe(6)
      await patchDeployment(blue, { spec: { replicas: 2 } })
      const pods = `/api/v1/namespaces/${namespace}/pods?labelSelector=track%3Dblue`
      await until('two pods left', async () => {
        const { items } = await api.must('GET', pods)
        return Array.isArray(items) && items.length === 2
      })
    })

    it('keep their old pods while the new ones do not start', async () => {
      const { api, blue, ready } = scene()
      await ready(blue, 6)
      const patch = [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'example.com/broken:1' }]
      await api.must('PATCH', blue, patch, jsonPatch)
      await until('two new pods beside six old ones', async () => {
        const status = member(await api.must('GET', blue), 'status')
        return status.updatedReplicas === 2 && status.replicas === 8 && status.readyReplicas === 6
      })
    })
  })
}
