import { expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { breakGlass } from '../../src/cluster/break-glass.ts'
import { type JsonObject, member } from '../../src/sandbox/cluster/json.ts'
import { metadataOf } from '../../src/sandbox/cluster/metadata.ts'
import { jsonPatch, mergePatch } from './api.ts'
import type { ControlPlane } from './control-plane.ts'
import { atWeight } from './marks.ts'
import type { Fate } from './proxy.ts'
import { addAutoscaler } from './scene.ts'
import { useScene } from './use-scene.ts'

const fence = (version: number, rollout = 7) => ({ rollout, version })

/** HorizontalPodAutoscalers of the tracks: held while a rollout is on, and as they were afterwards. */
export function autoscalersContract(plane: () => ControlPlane): void {
  const scene = useScene(plane)
  const add = (track: 'blue' | 'green', spec: JsonObject) => addAutoscaler(scene(), track, spec)
  const minimum = async (path: string) => member(await scene().api.must('GET', path), 'spec').minReplicas

  it('are told with what they size, and another’s is not', async () => {
    await add('blue', { minReplicas: 2, maxReplicas: 10 })
    const { api, namespace } = scene()
    const other = { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' }, maxReplicas: 3 }
    await api.must('POST', `/apis/autoscaling/v1/namespaces/${namespace}/horizontalpodautoscalers`, {
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'other' },
      spec: other,
    })
    const blue = { name: 'claude-enhancer-blue', track: 'blue', minimum: 2, maximum: 10, pinned: false, fence: null }
    expect(await scene().cluster.autoscalers()).toEqual([blue])
  })

  it('are pinned once, raised with the canary, and have their own minimum back; nothing else differs', async () => {
    const { cluster, api, proxy } = scene()
    const path = await add('green', { minReplicas: 2, maxReplicas: 5, targetCPUUtilizationPercentage: 70 })
    await api.must('PATCH', path, { metadata: { annotations: { theirs: 'kept' } } }, mergePatch)
    const before = await api.must('GET', path)
    const writes = () => proxy.requests.filter((request) => request === `PATCH ${path}`).length
    await cluster.pin('green', 1, fence(2))
    expect([await minimum(path), writes()]).toEqual([2, 0])
    await cluster.pin('green', 3, fence(2))
    await cluster.pin('green', 3, fence(2))
    expect([await minimum(path), writes()]).toEqual([3, 1])
    await cluster.pin('green', 6, fence(3))
    expect(await minimum(path)).toBe(5)
    expect((await cluster.autoscalers())[0]).toMatchObject({ pinned: true, fence: fence(3) })
    expect(await cluster.unpin(fence(4))).toEqual(['claude-enhancer-green'])
    expect(await cluster.unpin(fence(4))).toEqual([])
    const after = await api.must('GET', path)
    expect(after.spec).toEqual(before.spec)
    const { 'slipway.dev/fence': own, ...annotations } = metadataOf(after).annotations
    expect([own, annotations]).toEqual(['7/4', metadataOf(before).annotations])
  })

  it('refuse an older order, also once they have their own minimum back', async () => {
    const { cluster } = scene()
    const path = await add('blue', { minReplicas: 2, maxReplicas: 10 })
    await cluster.pin('blue', 6, fence(5))
    const older = { code: 'newer-fence' }
    await expect(cluster.pin('blue', 4, fence(4))).rejects.toMatchObject(older)
    await cluster.unpin(fence(6))
    await expect(cluster.pin('blue', 6, fence(5))).rejects.toMatchObject(older)
    await expect(cluster.pin('blue', 6, fence(9, 6))).rejects.toMatchObject(older)
    expect(await minimum(path)).toBe(2)
  })

  it('stay with a newer rollout that has pinned them, and keep what they were before the first', async () => {
    const { cluster } = scene()
    const path = await add('blue', { minReplicas: 2, maxReplicas: 10 })
    await cluster.pin('blue', 6, fence(5))
    await cluster.pin('blue', 4, fence(1, 8))
    expect(await cluster.unpin(fence(9))).toEqual([])
    expect(await minimum(path)).toBe(4)
    await cluster.unpin(fence(2, 8))
    expect(await minimum(path)).toBe(2)
  })

  it('keep a minimum that somebody else has written since', async () => {
    const { cluster, api } = scene()
    const path = await add('blue', { minReplicas: 2, maxReplicas: 10 })
    const set = (value: number) =>
      api.must('PATCH', path, [{ op: 'replace', path: '/spec/minReplicas', value }], jsonPatch)
    await cluster.pin('blue', 6, fence(1))
    await set(4)
    await cluster.pin('blue', 6, fence(2))
    expect(await minimum(path)).toBe(6)
    await cluster.unpin(fence(3))
    expect(await minimum(path)).toBe(4)
    await cluster.pin('blue', 6, fence(4))
    await set(8)
    await cluster.unpin(fence(5))
    expect(await minimum(path)).toBe(8)
  })

  it('are written as decided by what stands there at the moment of the write', async () => {
    const { cluster, api, proxy } = scene()
    const path = await add('blue', { minReplicas: 2, maxReplicas: 10 })
    let once = true
    proxy.intercept(async (method): Promise<Fate> => {
      if (method === 'PATCH' && once) {
        once = false
        await api.must('PATCH', path, [{ op: 'replace', path: '/spec/minReplicas', value: 3 }], jsonPatch)
      }
      return 'pass'
    })
    await cluster.pin('blue', 6, fence(1))
    await cluster.unpin(fence(2))
    expect(await minimum(path)).toBe(3)
  })

  it('can not be read where somebody has edited what is kept on them: nothing is written', async () => {
    const { cluster, api } = scene()
    const path = await add('blue', { minReplicas: 2, maxReplicas: 10 })
    await api.must('PATCH', path, { metadata: { annotations: { 'slipway.dev/minimum': 'two' } } }, mergePatch)
    await expect(cluster.pin('blue', 6, fence(1))).rejects.toMatchObject({ code: 'cluster-unreadable' })
    await expect(cluster.unpin(fence(1))).rejects.toMatchObject({ code: 'cluster-unreadable' })
    expect(await minimum(path)).toBe(2)
  })

  it('have it back after break-glass, with a kubeconfig alone', async () => {
    const { cluster, blue, ready, namespace, weights } = scene()
    await ready(blue, 6)
    const path = await add('blue', { minReplicas: 6, maxReplicas: 10 })
    const canary = await add('green', { minReplicas: 1, maxReplicas: 10 })
    await atWeight(scene(), 20)
    await cluster.pin('green', 2, fence(2))
    const options = { kubeConfig: plane().admin, namespace, by: 'cli:operator', clock: systemClock }
    await breakGlass(options)
    expect(await weights()).toEqual([100, 0])
    expect([await minimum(path), await minimum(canary)]).toEqual([6, 1])
    await expect(cluster.pin('green', 2, fence(1))).rejects.toMatchObject({ code: 'newer-fence' })
  })
}
