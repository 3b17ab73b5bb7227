import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { get } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { startKubernetes } from '../../src/sandbox/kubernetes.ts'
import { manners, type Outside, startOutside, systems } from '../../src/sandbox/outside.ts'
import { type SandboxPagerDuty, startPagerDuty } from '../../src/sandbox/pagerduty/pagerduty.ts'
import { Teardown } from '../../src/sandbox/teardown.ts'
import { testRedis } from '../ledger/redis-server.ts'
import { startAnswering } from '../outside/answering.ts'
import { startStrict } from './strict-slack/strict.ts'

/** What Slipway meets: an answer as usual, an error for an answer, or none. */
type Health = 'well' | 'an error' | 'no answer'

const teardown = new Teardown()
let outside: Outside
let pagerduty: SandboxPagerDuty
let slackUrl: string

beforeAll(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-outside-'))
  teardown.add(() => rm(dir, { recursive: true, force: true }))
  const redis = await testRedis()
  teardown.add(() => redis.stop())
  const prometheus = await startAnswering(() => ({ status: 200, body: 'ready' }))
  teardown.add(() => prometheus.close())
  const kubernetes = await startKubernetes({
    dir,
    manifests: ['k8s/service.yaml', 'k8s/virtual-service.yaml'],
    given: undefined,
  })
  teardown.add(() => kubernetes.close())
  pagerduty = await startPagerDuty({ dir })
  teardown.add(() => pagerduty.close())
  const strict = await startStrict()
  teardown.add(() => strict.stop())
  slackUrl = strict.slack.apiUrl
  outside = await startOutside({
    dir,
    redisUrl: redis.redis.url,
    prometheusUrl: prometheus.url,
    kubernetes,
    isRealCluster: false,
    pagerduty,
    slack: strict.slack,
  })
  teardown.add(() => outside.close())
})
afterAll(() => teardown.run())

const soon = 30_000

/** Asks as Slipway does: where the world says that the system is. */
const ask: Readonly<Record<(typeof systems)[number], () => Promise<Health>>> = {
  redis: () => redisHealth(Number(new URL(outside.redisUrl).port)),
  prometheus: () => httpHealth(`${outside.prometheusUrl}/-/ready`),
  async kubernetes() {
    const { clusters } = z
      .object({ clusters: z.array(z.object({ cluster: z.object({ server: z.string() }) })) })
      .parse(parse(await readFile(outside.kubeconfig, 'utf8')))
    return httpHealth(`${clusters[0]?.cluster.server}/api/v1/namespaces`)
  },
  slack: () => httpHealth(`${slackUrl}auth.test`),
  pagerduty: () => pagerDutyHealth(outside.broken().get('pagerduty') === 'slow' ? 1_000 : soon),
}

async function httpHealth(url: string): Promise<Health> {
  const response = await fetch(url, { signal: AbortSignal.timeout(soon) }).catch(() => null)
  if (response === null) return 'no answer'
  return response.status < 500 ? 'well' : 'an error'
}

function redisHealth(port: number): Promise<Health> {
  const { promise, resolve } = Promise.withResolvers<Health>()
  const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
  socket.setTimeout(soon, () => socket.destroy())
  socket.once('data', (bytes) => {
    resolve(String(bytes).startsWith('+PONG') ? 'well' : 'an error')
    socket.destroy()
  })
  socket.on('error', () => resolve('no answer'))
  socket.on('close', () => resolve('no answer'))
  return promise
}

/** Its certificate is its own, which fetch can't be told to trust. */
function pagerDutyHealth(patience: number): Promise<Health> {
  const { promise, resolve } = Promise.withResolvers<Health>()
  const url = `https://${pagerduty.host}/incidents`
  const asked = get(url, { rejectUnauthorized: false, timeout: patience }, (response) => {
    response.resume()
    resolve((response.statusCode ?? 0) < 500 ? 'well' : 'an error')
  })
  asked.on('timeout', () => asked.destroy())
  asked.on('error', () => resolve('no answer'))
  return promise
}

describe.each(systems)('%s', (system) => {
  test.each(manners)('is %s for Slipway, and well again', async (manner) => {
    expect(await ask[system]()).toBe('well')
    const began = performance.now()
    expect(outside.break(system, manner)).toBe(true)
    expect(outside.broken()).toEqual(new Map([[system, manner]]))
    const met = await ask[system]()
    // A PagerDuty that is slow does not answer at all; the others come late.
    const expected = { off: 'no answer', failing: 'an error', slow: system === 'pagerduty' ? 'no answer' : 'well' }
    expect(met).toBe(expected[manner])
    if (manner === 'slow') expect(performance.now() - began).toBeGreaterThan(250)
    expect(outside.heal()).toEqual([system])
    expect(await ask[system]()).toBe('well')
  })
})

test('only what is named is healed', () => {
  outside.break('redis', 'slow')
  outside.break('slack', 'slow')
  expect(outside.heal('redis')).toEqual(['redis'])
  expect(outside.broken()).toEqual(new Map([['slack', 'slow']]))
  expect([outside.heal('redis'), outside.heal()]).toEqual([[], ['slack']])
})
