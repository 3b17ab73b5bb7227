import { expect, it } from 'vitest'
import type { PodProblem } from '../../src/jobs/ports.ts'
import { type JsonObject, parseJsonObject } from '../../src/sandbox/cluster/json.ts'
import { metadataOf } from '../../src/sandbox/cluster/metadata.ts'
import { mergePatch } from './api.ts'
import type { ControlPlane } from './control-plane.ts'
import { until } from './until.ts'
import { useScene } from './use-scene.ts'

const fence = { rollout: 7, version: 2 }

/** Pods that fail: what they say, and what they had written last. */
export function podsContract(plane: () => ControlPlane): void {
  const scene = useScene(plane)
  const problem = async () => (await scene().cluster.view()).tracks.green.problem

  async function failing(image: string): Promise<PodProblem> {
    await scene().cluster.size('green', { image: `registry.example.com/claude-enhancer:${image}`, replicas: 1 }, fence)
    await until('a pod fails', async () => (await problem()) !== undefined)
    const found = await problem()
    if (found === undefined) throw new Error('no pod fails')
    return found
  }

  /** The canary's pod, with the path to it. */
  async function pod(): Promise<{ readonly path: string; readonly object: JsonObject }> {
    const pods = `/api/v1/namespaces/${scene().namespace}/pods`
    const { items } = await scene().api.must('GET', `${pods}?labelSelector=track%3Dgreen`)
    const object = parseJsonObject(Array.isArray(items) ? items[0] : items)
    return { path: `${pods}/${metadataOf(object).name}`, object }
  }

  it('are told by the first that fails, in its own words', async () => {
    expect(await failing('5.1.0-broken')).toMatchObject({ reason: 'ImagePullBackOff' })
    const { object } = await pod()
    expect((await problem())?.pod).toBe(metadataOf(object).name)
    expect((await problem())?.message).toContain('5.1.0-broken')
  })

  it('of a track find no room where a quota is used up, as far as its status says', async () => {
    const { api, namespace, cluster } = scene()
    const quotas = `/api/v1/namespaces/${namespace}/resourcequotas`
    const hard = { pods: '8', 'requests.cpu': '9' }
    const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'small' }, spec: { hard } }
    await api.must('POST', quotas, quota)
    const status = { hard, used: { pods: '6', 'requests.cpu': '3' } }
    await api.must('PATCH', `${quotas}/small/status`, { status }, mergePatch)
    expect(await cluster.quotaShortfalls('green', 2)).toEqual([])
    expect(await cluster.quotaShortfalls('green', 6)).toEqual(['small: 6 of 8 pods used'])
  })

  it('have a log once a container ended, and a log that can not be read says why', async () => {
    const { pod: name } = await failing('5.1.0-crash')
    const { path } = await pod()
    const terminated = { exitCode: 1, reason: 'Error', message: 'password=hunter2 refused' }
    const waiting = { reason: 'CrashLoopBackOff', message: 'back-off' }
    const status = { name: 'claude-enhancer', image: 'x:5.1.0-crash', imageID: '', ready: false, restartCount: 4 }
    const containerStatuses = [{ ...status, state: { waiting }, lastState: { terminated } }]
    await scene().api.must('PATCH', `${path}/status`, { status: { containerStatuses } }, mergePatch)
    const found = await problem()
    expect(found).toMatchObject({
      pod: name,
      message: 'container claude-enhancer ended with exit code 1, 4 restarts: password=[secret] refused',
      ended: { container: 'claude-enhancer', previous: false },
    })
    if (found === undefined) throw new Error('no pod fails')
    const lines = await scene().cluster.lastLines(found)
    expect(lines.length).toBeGreaterThan(0)
    expect(lines.length).toBeLessThanOrEqual(10)
    // A control plane without kubelets has no logs to give.
    const given = (await scene().api.forward('GET', `${path}/log`, {}, Buffer.alloc(0))).statusCode === 200
    expect(lines.join()).toMatch(given ? /no such table/ : /^\(the log can't be read: .+\)$/)
    const gone = await scene().cluster.lastLines({ ...found, pod: 'gone' })
    expect(gone).toEqual([expect.stringMatching(/^\(the log can't be read: The log of pod .*gone does not exist/)])
    expect(await scene().cluster.lastLines({ pod: name, reason: 'Unschedulable', message: '' })).toEqual([])
  })
}
