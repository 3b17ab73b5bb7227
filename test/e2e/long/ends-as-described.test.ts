import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { loadAnnotation } from '../../../src/sandbox/cluster/autoscaler-controller.ts'
import { metadataOf } from '../../../src/sandbox/cluster/metadata.ts'
import { type ReleaseTeam, releaseTeam } from '../../../src/sandbox/release-team.ts'
import type { Breakage } from '../../../src/sandbox/service/breakage.ts'
import { type SlackMessage, wordsOf } from '../../../src/sandbox/slack-driver.ts'
import { alertmanagerToken, startWorld, type World } from '../../../src/sandbox/world.ts'
import { mergePatch } from '../../contract/api.ts'
import { kubectl } from '../hands.ts'

const alerts = `
alertmanager:
  alerts:
    - title: Checkout fails
      labels: { alertname: CheckoutFails }
`

let world: World
let team: ReleaseTeam
let dir: string
/** Each release has a version of its own. */
let releases = 0

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ends-'))
  const config = join(dir, 'deployment-config.yaml')
  await writeFile(config, `${await readFile('deployment-config.yaml', 'utf8')}${alerts}`)
  world = await startWorld({ speed: 120, config })
  team = releaseTeam(world)
}, 60_000)
afterEach(() => {
  world.service.heal()
  expect(world.workspace.strict.refused).toEqual([])
})
afterAll(async () => {
  await world?.stop()
  await rm(dir, { recursive: true, force: true })
})

const sre = () => world.users.sre ?? ''

/** What was broken before shows in the figures for a while: readiness is asked until it is content. */
async function startWhenReady(version: string, tries = 12): Promise<SlackMessage> {
  try {
    return await team.startRelease(version)
  } catch (error) {
    if (tries === 1 || !(error instanceof Error && error.message.includes('NOT READY'))) throw error
    return startWhenReady(version, tries - 1)
  }
}

async function started(suffix = ''): Promise<SlackMessage> {
  releases += 1
  const card = await startWhenReady(`5.1.${releases}${suffix}`)
  await team.signPhase(card, 1)
  return card
}

async function canaryAt5(): Promise<SlackMessage> {
  const card = await started()
  await team.hears(card, /The canary gets 5 %/)
  return card
}

/** Everything is on stable again, nothing is left, and the next release may start. */
async function isTakenBack(card: SlackMessage): Promise<void> {
  expect(wordsOf(await team.hears(card, /Rolled back\. Nothing to do now/))).toMatch(/All traffic on stable \(blue\)/)
  await team.hears(card, /Cleaned up: green is scaled down to 0/, 90_000)
  expect(await (await kubectl(world)).weights()).toEqual(['"weight":100', '"weight":0'])
}

const limits: readonly (readonly [Breakage, RegExp])[] = [
  ['error-rate', /Limit broken: Error rate .*limit above 0\.5%/],
  ['p95', /Limit broken: P95 response time .*limit above 1000ms/],
  ['workflow-errors', /Limit broken: Workflow errors .*limit above 10/],
  ['agents-failed', /Limit broken: Agents failed .*limit above 5/],
  ['cpu', /Limit broken: CPU .*limit above 90%/],
  ['memory', /Limit broken: Memory .*limit above 95%/],
]

test.each(limits)(
  '%s over its limit rolls back, with the figures in the thread',
  async (what, words) => {
    const card = await canaryAt5()
    world.service.break(what, 'canary')
    const breach = wordsOf(await team.hears(card, words, 90_000))
    expect(breach).toMatch(/\d readings in .*Rolling back\./s)
    await isTakenBack(card)
  },
  240_000,
)

test('targets that are missed wait for a decision, name themselves, page, and roll back when nobody decides', async () => {
  const card = await canaryAt5()
  const missed: readonly Breakage[] = ['throughput', 'agents-available', 'workflow-success', 'data-consistency']
  for (const what of missed) world.service.break(what, 'canary')
  const waits = await team.hears(card, /Waiting for a decision/, 120_000)
  for (const title of ['Throughput', 'Agents available', 'Workflow success', 'Data consistency'])
    expect(wordsOf(waits)).toMatch(new RegExp(`${title}.*NOT MET`))
  expect(wordsOf(waits)).toMatch(/Pages at .*; rolls back by itself at/)
  expect(JSON.stringify(waits.blocks)).toMatch(/extend-soak.*accept-targets.*roll-back/)
  await team.hears(card, /Nobody has decided for .*: paging/, 60_000)
  await team.hears(card, /Rolling back by itself\*: nobody decided in time/, 60_000)
  await isTakenBack(card)
}, 300_000)

test('a bad stable: it rolls back, says that this is probably not the release, and keeps the incident open', async () => {
  const card = await canaryAt5()
  world.service.break('error-rate', 'both')
  const breach = wordsOf(await team.hears(card, /Limit broken: Error rate/, 90_000))
  expect(breach).toContain('this is probably not the release')
  await team.hears(card, /Rolled back\. Nothing to do now/)
  await team.hears(card, /Cleaned up/, 90_000)
  expect((await world.pagerduty.incidents()).at(-1)).toMatchObject({ status: 'triggered' })
  world.service.heal()
  await team.hears(card, /The incident is resolved/, 90_000)
}, 240_000)

test.each<[string, RegExp, RegExp | null]>([
  ['-crash', /CrashLoopBackOff: container claude-enhancer ended with exit code 1/, /error: no such table: workflows/],
  ['-oom', /OOMKilled: container claude-enhancer ran out of memory/, null],
  ['-broken', /ImagePullBackOff/, null],
  ['-homeless', /Unschedulable: 0\/1 nodes are available/, null],
])(
  'a canary that can’t start (%s) stops the step with the pod’s own words, and is taken back',
  async (suffix, words, log) => {
    const card = await started(suffix)
    const stuck = wordsOf(await team.hears(card, /Stuck in phase 1: The canary can't start\./))
    expect(stuck).toMatch(words)
    if (log !== null) expect(stuck).toMatch(log)
    expect(await (await kubectl(world)).weights()).toEqual(['"weight":100', '"weight":0'])
    await world.slack.command(sre(), '/deploy rollback -f it does not start')
    await isTakenBack(card)
  },
  240_000,
)

test('a pod that starts to crash under traffic is a breach, with its last lines', async () => {
  const card = await canaryAt5()
  const { api } = await kubectl(world)
  const { namespace } = world.config.cluster
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
  const breach = wordsOf(await team.hears(card, /Pods of the canary fail/, 60_000))
  expect(breach).toMatch(/CrashLoopBackOff: container claude-enhancer ended with exit code 1, 3 restarts/)
  expect(breach).toContain('error: no such table: workflows')
  await team.hears(card, /Rolled back\. Nothing to do now/)
  // Nobody is left to tell that it gets no requests any more: a person decides.
  await team.hears(card, /The pods of green stay:.*its requests are unknown/, 90_000)
  await world.slack.command(sre(), '/deploy finish')
  await isTakenBack(card)
}, 240_000)

test('an autoscaler that sees no load takes no pod of stable while the release is on, and is as it was afterwards', async () => {
  const { api, size } = await kubectl(world)
  const { namespace, tracks } = world.config.cluster
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
  expect(wordsOf(await team.hears(card, /Prepared\./))).toContain(`The minimum of ${name} (blue) is held high enough`)
  await api.must('PATCH', `${path}/${name}`, { metadata: { annotations: { [loadAnnotation]: 'none' } } }, mergePatch)
  await world.slack.command(sre(), '/deploy rollback -f enough')
  await team.hears(card, /Rolled back\. Nothing to do now/)
  expect(await size('blue')).toMatchObject({ replicas: 6 })
  expect(wordsOf(await team.hears(card, /Cleaned up/, 90_000))).toContain(`their own minimum back: ${name}`)
  expect((await api.must('GET', `${path}/${name}`)).spec).toMatchObject(scaler.spec)
  await expect.poll(() => size('blue'), { timeout: 20_000 }).toMatchObject({ replicas: 4 })
  await api.must('DELETE', `${path}/${name}`)
}, 240_000)

test('somebody else’s weights hold the release and are named; a firing alert rolls it back', async () => {
  const card = await canaryAt5()
  const hands = await kubectl(world)
  await hands.setWeights(90, 10)
  const found = wordsOf(await team.hears(card, /Somebody else changed the cluster/))
  expect(found).toMatch(/the canary gets 10 %, expected 5 %.*field manager: kubectl-edit/)
  const alert = {
    status: 'firing',
    labels: { alertname: 'CheckoutFails' },
    annotations: { summary: 'half of all checkouts fail <!channel>' },
    startsAt: new Date().toISOString(),
    fingerprint: 'c0ffee',
  }
  const answer = await fetch(`${world.urls.slipway}/alertmanager`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${alertmanagerToken}` },
    body: JSON.stringify({ version: '4', groupLabels: {}, alerts: [alert] }),
  })
  expect(answer.status).toBe(200)
  const told = wordsOf(await team.hears(card, /Alert firing: Checkout fails/))
  expect(told).toMatch(/half of all checkouts fail &lt;!channel&gt;/)
  await isTakenBack(card)
}, 240_000)
