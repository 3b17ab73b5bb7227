import { expect, it } from 'vitest'
import { z } from 'zod'
import { createClient } from '../../src/cluster/client.ts'
import { createInspector } from '../../src/cluster/inspector.ts'
import type { Kind } from '../../src/cluster/kinds.ts'
import { createSnapshot } from '../../src/cluster/snapshot.ts'
import type { ControlPlane } from './control-plane.ts'
import type { Scene } from './scene.ts'
import { useScene } from './use-scene.ts'

/** The cluster as the checks of one report see it, through the scene's proxy. */
function snapshotOf({ kubeConfig, namespace, config }: Scene) {
  const reach = { kubeConfig, namespace, timeout: config.timeout }
  const [client, inspector] = [createClient(reach), createInspector(reach)]
  return createSnapshot({ client, inspector, config, weights: [5, 100] })
}

const names = z.looseObject({ metadata: z.looseObject({ name: z.string() }) })
const kind = (group: string, plural: string): Kind<z.infer<typeof names>> => {
  return { group, plural, version: 'v1', namespaced: true, schema: names }
}

/** What readiness reads beside what a rollout needs. */
export function snapshotContract(plane: () => ControlPlane): void {
  const scene = useScene(plane)

  it('is read once, however many ask: one list a kind', async () => {
    const { proxy, blue, ready } = scene()
    await ready(blue, 6)
    const snapshot = snapshotOf(scene())
    const all = () => [snapshot.view(), snapshot.pods(), snapshot.templateDifferences(), snapshot.deployment('green')]
    await Promise.all([...all(), ...all()])
    await Promise.all(all())
    const requests = proxy.requests.map((request) => request.replace(/\?.*/, ''))
    expect(requests.toSorted()).toEqual([...new Set(requests)].toSorted())
    expect(requests).toHaveLength(4)
    expect((await snapshot.view()).tracks.blue).toMatchObject({ replicas: 6, ready: 6 })
  })

  it('knows the version of the API server, where that tells it', async () => {
    const told = await scene().api.must('GET', '/version')
    const version = snapshotOf(scene()).version()
    // One that was built without its version tells none: that is no version that would do.
    if (told.major === '') await expect(version).rejects.toMatchObject({ code: 'cluster-unreadable' })
    else expect(await version).toEqual([Number(told.major), Number(told.minor)])
  })

  it('tells a kind that is not served from one without objects', async () => {
    const snapshot = snapshotOf(scene())
    const missing = kind('nowhere.example.com', 'things')
    await expect(snapshot.list(missing, 'namespace')).rejects.toMatchObject({
      // Who may not list it is not told either.
      code: expect.stringMatching(/^cluster-(not-found|forbidden)$/),
    })
  })

  it('forgets what could not be read: who asks again asks anew', async () => {
    const { proxy } = scene()
    const snapshot = snapshotOf(scene())
    proxy.intercept(() => 503)
    await expect(snapshot.pods()).rejects.toMatchObject({ code: 'cluster-unreachable' })
    await expect(snapshot.trafficProblems()).rejects.toMatchObject({ code: 'cluster-unreachable' })
    proxy.intercept()
    expect(await snapshot.trafficProblems()).toEqual([])
    expect(await snapshot.pods()).toEqual(expect.any(Array))
  })

  it('finds an answer of another kind of server unreadable', async () => {
    const { proxy } = scene()
    proxy.intercept(() => 200)
    await expect(snapshotOf(scene()).version()).rejects.toMatchObject({ code: 'cluster-unreadable' })
  })
}
