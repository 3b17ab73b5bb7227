import { expect, test } from 'vitest'
import { loadAnnotation } from '../../../src/sandbox/cluster/autoscaler-controller.ts'
import { metadataOf } from '../../../src/sandbox/cluster/metadata.ts'
import { wordsOf } from '../../../src/sandbox/slack-driver.ts'
import { alertmanagerToken } from '../../../src/sandbox/world.ts'
import { mergePatch } from '../../contract/api.ts'
import { kubectl } from '../hands.ts'
import { useReleases } from '../releases.ts'

const { world, team, started, canaryAt5, isTakenBack } = useReleases()
const sre = () => world().users.sre ?? ''

test.each<[string, RegExp, RegExp | null]>([
  ['-crash', /CrashLoopBackOff: container claude-enhancer ended with exit code 1/, /error: no such table: workflows/],
  ['-oom', /OOMKilled: container claude-enhancer ran out of memory/, null],
  ['-broken', /ImagePullBackOff/, null],
  ['-homeless', /Unschedulable: 0\/1 nodes are available/, null],
])(
  'a canary that can’t start (%s) stops the step with the pod’s own words, and is taken back',
  async (suffix, words, log) => {
    const card = await started(suffix)
    const stuck = wordsOf(await team().hears(card, /Stuck in phase 1: The canary can't start\./))
    expect(stuck).toMatch(words)
    if (log !== null) expect(stuck).toMatch(log)
    expect(await (await kubectl(world())).weights()).toEqual(['"weight":100', '"weight":0'])
    await world().slack.command(sre(), '/deploy rollback -f it does not start')
    await isTakenBack(card)
  },
  500_000,
)

test('a pod that starts to crash under traffic is a breach, with its last lines', async () => {
  const card = await canaryAt5()
  const { api } = await kubectl(world())
  const { namespace } = world().config.cluster
  const pods = `/api/v1/namespaces/${namespace}/pods`
  const { items } = await api.must('GET', `${pods}?labelSelector=track%3Dgreen`)
  const [pod] = Array.isArray(items) ? items : []
  if (typeof pod !== 'object' || pod === null || Array.isArray(pod)) throw new Error('no pod')
  const container = { name: 'claude-enhancer', image: 'x:crash', imageID: '', ready: false, restartCount: 3 }
  const status = {
    conditions: [{ type: 'Ready', status: 'False' }],
    containerStatuses: [
      {
        ...container,
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
        lastState: { terminated: { exitCode: 1, reason: 'Error' } },
      },
    ],
  }
  await api.must('PATCH', `${pods}/${metadataOf(pod).name}/status`, { status }, mergePatch)
  const breach = wordsOf(await team().hears(card, /Pods of the canary fail/))
  expect(breach).toMatch(/CrashLoopBackOff: container claude-enhancer ended with exit code 1, 3 restarts/)
  expect(breach).toContain('error: no such table: workflows')
  await team().hears(card, /Rolled back\. Nothing to do now/)
  // Nobody is left to tell that it gets no requests any more: a person decides.
  await team().hears(card, /The pods of green stay:.*its requests are unknown/)
  await world().slack.command(sre(), '/deploy finish')
  await isTakenBack(card)
}, 500_000)

test('an autoscaler that sees no load takes no pod of stable while the release is on, and is as it was afterwards', async () => {
  const { api, size } = await kubectl(world())
  const { namespace, tracks } = world().config.cluster
  const path = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`
  const name = tracks.blue.deployment
  const scaler = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name },
    spec: { minReplicas: 4, maxReplicas: 10, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name } },
  }
  await api.must('POST', path, scaler)
  const card = await canaryAt5()
  expect(wordsOf(await team().hears(card, /Prepared\./))).toContain(`The minimum of ${name} (blue) is held high enough`)
  await api.must('PATCH', `${path}/${name}`, { metadata: { annotations: { [loadAnnotation]: 'none' } } }, mergePatch)
  await world().slack.command(sre(), '/deploy rollback -f enough')
  await team().hears(card, /Rolled back\. Nothing to do now/)
  expect(await size('blue')).toMatchObject({ replicas: 6 })
  expect(wordsOf(await team().hears(card, /Cleaned up/))).toContain(`their own minimum back: ${name}`)
  expect((await api.must('GET', `${path}/${name}`)).spec).toMatchObject(scaler.spec)
  await expect.poll(() => size('blue'), { timeout: 60_000 }).toMatchObject({ replicas: 4 })
  await api.must('DELETE', `${path}/${name}`)
}, 500_000)

test('somebody else’s weights hold the release and are named; a firing alert rolls it back', async () => {
  const card = await canaryAt5()
  const hands = await kubectl(world())
  await hands.setWeights(90, 10)
  const found = wordsOf(await team().hears(card, /Somebody else changed the cluster/))
  expect(found).toMatch(/the canary gets 10 %, expected 5 %.*field manager: kubectl-edit/)
  const alert = {
    status: 'firing',
    labels: { alertname: 'CheckoutFails' },
    annotations: { summary: 'half of all checkouts fail <!channel>' },
    startsAt: new Date().toISOString(),
    fingerprint: 'c0ffee',
  }
  const answer = await fetch(`${world().urls.slipway}/alertmanager`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${alertmanagerToken}` },
    body: JSON.stringify({ version: '4', groupLabels: {}, alerts: [alert] }),
  })
  expect(answer.status).toBe(200)
  const told = wordsOf(await team().hears(card, /Alert firing: Checkout fails/))
  expect(told).toMatch(/half of all checkouts fail &lt;!channel&gt;/)
  await isTakenBack(card)
}, 500_000)
