import { expect, it } from 'vitest'
import { type JsonObject, member, parseJsonObject } from '../../src/sandbox/cluster/json.ts'
import { metadataOf } from '../../src/sandbox/cluster/metadata.ts'
import { mergePatch } from './api.ts'
import type { ControlPlane } from './control-plane.ts'
import { until } from './until.ts'
import { useScene } from './use-scene.ts'

/** Jobs that end well, and that do not. */
export function jobsContract(plane: () => ControlPlane): void {
  const scene = useScene(plane)
  const jobs = () => `/apis/batch/v1/namespaces/${scene().namespace}/jobs`
  const pods = () => `/api/v1/namespaces/${scene().namespace}/pods`
  const statusOf = async (name: string) => member(await scene().api.must('GET', `${jobs()}/${name}`), 'status')

  async function start(image: string): Promise<JsonObject> {
    const containers = [{ name: 'work', image: `registry.example.com/${image}` }]
    const spec = { backoffLimit: 0, template: { spec: { restartPolicy: 'Never', containers } } }
    return scene().api.must('POST', jobs(), { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'backup' }, spec })
  }

  async function podsOfJob(): Promise<JsonObject[]> {
    const { items } = await scene().api.must('GET', `${pods()}?labelSelector=job-name%3Dbackup`)
    return (Array.isArray(items) ? items : []).map((item) => parseJsonObject(item))
  }

  /** Reports how the pod's work ended, as a kubelet would; one that did so itself says the same. */
  async function end(phase: 'Succeeded' | 'Failed'): Promise<void> {
    await until('the job runs', async () => {
      const [pod] = await podsOfJob()
      return pod !== undefined && !['', 'Pending', undefined].includes(String(member(pod, 'status').phase))
    })
    const [pod] = await podsOfJob()
    if (!pod) throw new Error('The pod is gone')
    await scene().api.must('PATCH', `${pods()}/${metadataOf(pod).name}/status`, { status: { phase } }, mergePatch)
  }

  it('have a pod that is theirs while they run', async () => {
    const job = await start('backup:1')
    expect(job.spec).toMatchObject({ parallelism: 1, completions: 1, backoffLimit: 0 })
    await until('a pod', async () => (await podsOfJob()).length === 1)
    const [pod] = await podsOfJob()
    expect(pod?.metadata).toMatchObject({
      labels: { 'job-name': 'backup', 'controller-uid': metadataOf(job).uid },
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'backup', uid: metadataOf(job).uid }],
    })
  })

  it('are complete when their pod succeeded', async () => {
    await start('backup:1')
    await end('Succeeded')
    const complete = { succeeded: 1, conditions: [{ type: 'Complete', status: 'True' }] }
    await expect.poll(() => statusOf('backup')).toMatchObject(complete)
    const status = await statusOf('backup')
    expect([status.failed, status.active]).toEqual([undefined, undefined])
    expect(Date.parse(String(status.completionTime))).toBeGreaterThanOrEqual(Date.parse(String(status.startTime)))
  })

  it('have failed when their pod did, once too often', async () => {
    await start('crash:1')
    await end('Failed')
    await expect
      .poll(() => statusOf('backup'))
      .toMatchObject({
        failed: 1,
        conditions: [
          {
            type: 'Failed',
            status: 'True',
            reason: 'BackoffLimitExceeded',
            message: 'Job has reached the specified backoff limit',
          },
        ],
      })
    const status = await statusOf('backup')
    expect([status.succeeded, status.completionTime]).toEqual([undefined, undefined])
  })
}
