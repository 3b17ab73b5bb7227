import type { V1ResourceRequirements } from '@kubernetes/client-node'
import { beforeEach, describe, expect, test } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import { own } from '../../src/jobs/outcome.ts'
import { rollBack } from '../../src/jobs/roll-back.ts'
import { say, startRelease } from '../jobs/release.ts'
import { createExamined, type Examined, healthyInfo } from './examine.ts'
import { node } from './fake-snapshot.ts'

let examined: Examined
beforeEach(() => {
  examined = createExamined()
})

const quota = (hard: object, used: object, spec = {}) => ({ metadata: { name: 'q' }, spec, status: { hard, used } })
const withObjects = (kind: string, objects: readonly unknown[]) => examined.cluster.objects.set(kind, objects)
const withInfo = (info: string) => {
  examined.outside = { ...examined.outside, redisInfo: async () => info }
}

describe('api-server', () => {
  test('passes in a supported version', async () => {
    expect(await examined.examine('api-server')).toMatchObject({ result: 'pass', found: 'Kubernetes 1.31' })
  })
  test.each([
    ['1.19', [1, 19]],
    ['2.0', [2, 0]],
  ] as const)('blocks in %s', async (text, version) => {
    examined.cluster.version = version
    expect(await examined.examine('api-server')).toMatchObject({ result: 'block', found: `Kubernetes ${text}` })
  })
  test('takes the oldest version from the configuration', async () => {
    examined.cluster.version = [1, 29]
    expect((await examined.examine('api-server', { oldest: '1.30' })).result).toBe('block')
  })
  test('blocks when the version is not told', async () => {
    examined.cluster.failing = new Set(['version'])
    expect(await examined.examine('api-server')).toMatchObject({ result: 'block', ran: false })
  })
})

describe('nodes-ready', () => {
  const broken = node('n3', { status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } })
  test('passes when all are', async () => {
    expect(await examined.examine('nodes-ready')).toMatchObject({ result: 'pass', found: '2 of 2 nodes are ready' })
  })
  test('blocks for one that is not, and for one that is closed', async () => {
    withObjects('cluster/nodes', [node('n1'), node('n2', { spec: { unschedulable: true } }), broken])
    const { result, details } = await examined.examine('nodes-ready')
    expect(result).toBe('block')
    expect(details).toEqual(['n2 takes no new pods', 'n3 is not ready'])
  })
  test('lets as many be out as configured, but never all', async () => {
    withObjects('cluster/nodes', [node('n1'), broken])
    expect((await examined.examine('nodes-ready', { mayBeOut: 1 })).result).toBe('pass')
    withObjects('cluster/nodes', [broken])
    expect((await examined.examine('nodes-ready', { mayBeOut: 1 })).result).toBe('block')
  })
  test('warns when it may not list them, blocks where that is configured', async () => {
    examined.cluster.failing = new Set(['nodes'])
    expect(await examined.examine('nodes-ready')).toMatchObject({ result: 'warn', ran: false })
    expect((await examined.examine('nodes-ready', { unknown: 'block' })).result).toBe('block')
  })
})

/** Stable's pods have a sidecar that is in no template. */
const injectProxy = () => {
  const [app] = examined.cluster.deployments.blue.spec?.template.spec?.containers ?? []
  if (app === undefined) throw new Error('the Deployment has no container')
  const proxy = { name: 'istio-proxy', resources: { requests: { cpu: '100m' }, limits: { cpu: '2' } } }
  for (const pod of examined.cluster.pods) pod.spec = { containers: [app, proxy] }
}

/** The canary's containers ask for this. */
const ask = (resources: V1ResourceRequirements | undefined) => {
  for (const container of examined.cluster.deployments.green.spec?.template.spec?.containers ?? []) {
    delete container.resources
    if (resources) container.resources = resources
  }
}

describe('room', () => {
  const taking = (cpu: string, nodeName = 'n1', phase = 'Running') => ({
    metadata: { name: 'other' },
    spec: { nodeName, containers: [{ resources: { requests: { cpu, memory: '1Gi' } } }] },
    status: { phase },
  })
  test('passes where six more pods of half a core fit', async () => {
    expect(await examined.examine('room')).toMatchObject({
      result: 'pass',
      found: expect.stringMatching(/^room for 32/),
    })
  })
  test('blocks where other pods have taken the place; finished ones take none', async () => {
    withObjects('cluster/nodes', [node('n1')])
    withObjects('cluster/pods', [taking('5500m'), taking('8', 'n1', 'Succeeded'), taking('8', 'n2')])
    expect(await examined.examine('room')).toMatchObject({
      result: 'block',
      found: 'room for 5 more pods of claude-enhancer-green on 1 node, 6 wanted',
    })
    withObjects('cluster/pods', [taking('5')])
    expect((await examined.examine('room')).result).toBe('pass')
  })
  test('tells one pod of one node as one', async () => {
    withObjects('cluster/nodes', [node('n1')])
    withObjects('cluster/pods', [taking('7500m')])
    expect((await examined.examine('room')).found).toMatch(/^room for 1 more pod of \S+ on 1 node, 6 wanted$/)
  })
  test('counts whole pods on each node, and only nodes that take some', async () => {
    const small = { status: { allocatable: { cpu: '900m', memory: '4Gi', pods: '10' } } }
    const tainted = node('n3', { spec: { taints: [{ key: 'gpu', effect: 'NoSchedule' }] } })
    withObjects('cluster/nodes', [node('n1', small), node('n2', small), tainted])
    expect((await examined.examine('room')).found).toMatch(/^room for 2 more pods .* on 2 nodes/)
  })
  test.each([undefined, { requests: { cpu: '0' } }])('warns when the pods ask for nothing: %j', async (resources) => {
    ask(resources)
    expect(await examined.examine('room')).toMatchObject({ result: 'warn', ran: true })
  })
  test('needs nothing of what the pods ask for 0 of', async () => {
    ask({ requests: { cpu: '500m' }, limits: { 'nvidia.com/gpu': '0' } })
    expect(await examined.examine('room')).toMatchObject({
      result: 'pass',
      found: expect.stringMatching(/^room for 32/),
    })
  })
  test('counts a pod of the canary with what was injected into those of stable', async () => {
    injectProxy()
    withObjects('cluster/nodes', [node('n1')])
    withObjects('cluster/pods', [taking('4500m')])
    expect(await examined.examine('room')).toMatchObject({
      result: 'block',
      found: 'room for 5 more pods of claude-enhancer-green on 1 node, 6 wanted',
      looked: expect.stringContaining("stable's pods as they run"),
    })
  })
  test('counts what init containers, defaults from limits and overhead take of a node', async () => {
    const { metadata, status } = taking('0')
    const sidecar = { restartPolicy: 'Always', resources: { limits: { cpu: '2' } } }
    const containers = [{ resources: { requests: { cpu: '3' } } }]
    const spec = { nodeName: 'n1', containers, initContainers: [sidecar], overhead: { cpu: '500m' } }
    withObjects('cluster/nodes', [node('n1')])
    withObjects('cluster/pods', [{ metadata, spec, status }])
    expect((await examined.examine('room')).found).toMatch(/^room for 5 more pods/)
  })
  test.each(['nodes', 'pods'])('is unknown without the list of %s', async (kind) => {
    examined.cluster.objects.delete(`cluster/${kind}`)
    expect(await examined.examine('room')).toMatchObject({ result: 'warn', ran: false })
  })
})

describe('quotas', () => {
  test('passes without one, and with one that leaves room', async () => {
    expect((await examined.examine('quotas')).found).toBe('no quota limits it')
    withObjects('resourcequotas', [quota({ pods: '12', 'requests.cpu': '6' }, { pods: '6', 'requests.cpu': '3' })])
    expect(await examined.examine('quotas')).toMatchObject({ result: 'pass', found: '1 quota leaves room' })
  })
  test.each([
    ['pods', '12', '7'],
    ['requests.cpu', '6', '3100m'],
    ['cpu', '6', '4'],
    ['limits.memory', '12Gi', '7Gi'],
    ['requests.nvidia.com/gpu', '4', '4'],
    ['requests.ephemeral-storage', '12Gi', '7Gi'],
    ['ephemeral-storage', '12Gi', '7Gi'],
    ['limits.ephemeral-storage', '12Gi', '7Gi'],
    ['hugepages-2Mi', '12Mi', '12Mi'],
  ])('blocks when %s run short', async (resource, hard, used) => {
    const limits = {
      cpu: '1',
      memory: '1Gi',
      'ephemeral-storage': '1Gi',
      'hugepages-2Mi': '2Mi',
      'nvidia.com/gpu': '1',
    }
    ask({ requests: { cpu: '500m' }, limits })
    withObjects('resourcequotas', [quota({ [resource]: hard, services: '1' }, { [resource]: used, services: '1' })])
    expect(await examined.examine('quotas')).toMatchObject({
      result: 'block',
      found: `q: ${used} of ${hard} ${resource} used`,
    })
  })
  test('counts a pod of the canary with what was injected into those of stable', async () => {
    withObjects('resourcequotas', [quota({ 'requests.cpu': '6500m' }, { 'requests.cpu': '3' })])
    expect((await examined.examine('quotas')).result).toBe('pass')
    injectProxy()
    expect(await examined.examine('quotas')).toMatchObject({
      result: 'block',
      found: 'q: 3 of 6500m requests.cpu used',
      looked: expect.stringContaining("stable's pods as they run"),
    })
    withObjects('resourcequotas', [quota({ 'requests.cpu': '6600m' }, { 'requests.cpu': '3' })])
    expect((await examined.examine('quotas')).result).toBe('pass')
  })
  test('passes where more than all is used of what the pods to come take nothing of', async () => {
    withObjects('resourcequotas', [quota({ 'requests.storage': '4' }, { 'requests.storage': '5' })])
    expect((await examined.examine('quotas')).result).toBe('pass')
    examined.world.ready.green = 6
    withObjects('resourcequotas', [quota({ pods: '11' }, { pods: '12' })])
    expect((await examined.examine('quotas')).result).toBe('pass')
  })
  test('tells one pod to come as one', async () => {
    examined.world.ready.green = 5
    withObjects('resourcequotas', [quota({ pods: '11' }, { pods: '11' })])
    expect((await examined.examine('quotas')).mend).toBe('Raise the quota: 1 more pod is to come.')
  })
  test('leaves those with scopes out', async () => {
    withObjects('resourcequotas', [quota({ pods: '1' }, { pods: '1' }, { scopes: ['BestEffort'] })])
    expect((await examined.examine('quotas')).result).toBe('pass')
  })
  test('blocks when a quota is nonsense', async () => {
    withObjects('resourcequotas', [{ metadata: {} }])
    expect(await examined.examine('quotas')).toMatchObject({ result: 'block', ran: false })
    withObjects('resourcequotas', [quota({ pods: 'many' }, { pods: '1' })])
    expect(await examined.examine('quotas')).toMatchObject({ result: 'block' })
  })
})

describe('disruption-budgets', () => {
  const budget = (disruptionsAllowed: number, app = 'claude-enhancer') => ({
    metadata: { name: 'b' },
    spec: { selector: { matchLabels: { app } } },
    status: { disruptionsAllowed, currentHealthy: 5, desiredHealthy: 5 },
  })
  test('passes when each allows one', async () => {
    withObjects('poddisruptionbudgets', [budget(1), budget(0, 'another')])
    expect(await examined.examine('disruption-budgets')).toMatchObject({ result: 'pass', found: '1 allows one' })
  })
  test('warns when one is used up', async () => {
    withObjects('poddisruptionbudgets', [budget(0)])
    expect(await examined.examine('disruption-budgets')).toMatchObject({
      result: 'warn',
      found: 'b allows none (5 healthy, 5 needed)',
    })
  })
  test('counts those that cover stable, by whatever selects it', async () => {
    const usedUp = (name: string, spec: object) => ({ ...budget(0), metadata: { name }, spec })
    const by = (operator: string, ...values: string[]) => ({
      selector: { matchExpressions: [{ key: 'app', operator, values }] },
    })
    withObjects('poddisruptionbudgets', [
      usedUp('another', by('In', 'another')),
      usedUp('none', {}),
      usedUp('own', by('In', 'claude-enhancer')),
      usedUp('every', { selector: {} }),
    ])
    expect((await examined.examine('disruption-budgets')).details).toEqual([
      'own allows none (5 healthy, 5 needed)',
      'every allows none (5 healthy, 5 needed)',
    ])
  })
  test('is unknown where policy/v1 is not served', async () => {
    examined.cluster.objects.delete('poddisruptionbudgets')
    expect(await examined.examine('disruption-budgets')).toMatchObject({
      result: 'warn',
      ran: false,
      found: expect.stringContaining('serves no PodDisruptionBudgets of policy/v1: they came with Kubernetes 1.21.'),
      mend: expect.stringContaining('readiness.checks.disruption-budgets.severity: off'),
    })
  })
})

describe('redis-keeps', () => {
  test('passes when it keeps everything', async () => {
    expect((await examined.examine('redis-keeps')).result).toBe('pass')
  })
  test.each([
    ['aof_enabled:1', 'aof_enabled:0', 'appendonly is off'],
    ['aof_last_write_status:ok', 'aof_last_write_status:err', 'the last write to disk failed'],
    ['noeviction', 'allkeys-lru', 'maxmemory-policy is allkeys-lru'],
    ['maxmemory:0', 'maxmemory:1100', 'memory is 91 % full'],
  ])('blocks with %s → %s', async (before, after, found) => {
    withInfo(healthyInfo.replace(before, after))
    expect(await examined.examine('redis-keeps')).toMatchObject({ result: 'block', found })
  })
  test.each(['', 'hello', 'aof_enabled:1\nmaxmemory_policy:noeviction\nused_memory:x\nmaxmemory:0'])(
    'blocks when its INFO is %j',
    async (info) => {
      withInfo(info)
      expect((await examined.examine('redis-keeps')).result).toBe('block')
    },
  )
})

test('redis-keeps blocks when Redis is away', async () => {
  const redisInfo = async () => Promise.reject(new SlipwayError('ledger-unavailable', { after: 1_000 }))
  examined.outside = { ...examined.outside, redisInfo }
  expect(await examined.examine('redis-keeps')).toMatchObject({ result: 'block', ran: false })
})

describe('service-free', () => {
  test('passes before the first rollout', async () => {
    expect(await examined.examine('service-free')).toMatchObject({ result: 'pass', found: 'there is none' })
  })
  test('blocks while another one is under way, passes after it', async () => {
    const { world } = examined
    await startRelease(world)
    expect(await examined.examine('service-free')).toMatchObject({ result: 'block' })
    await say(world, { type: 'roll-back', reason: '', forced: false })
    await rollBack(world, 1, false)
    expect(await examined.examine('service-free')).toMatchObject({
      result: 'block',
      found: expect.stringContaining('not cleaned up'),
      mend: expect.stringContaining('/deploy finish'),
    })
    await world.rollouts.execute(1, own(world, { type: 'record-cleaned-up', track: 'green' }))
    expect(await examined.examine('service-free')).toMatchObject({ result: 'pass' })
  })
  test('blocks when Redis does not answer', async () => {
    Object.assign(examined.world.rollouts, { current: () => Promise.reject(new Error('away')) })
    expect(await examined.examine('service-free')).toMatchObject({ result: 'block', ran: false })
  })
})

describe('not-locked', () => {
  test('passes without a lock, and warns of one with who, since when and why', async () => {
    expect(await examined.examine('not-locked')).toMatchObject({ result: 'pass' })
    const by = { id: 'U1', name: 'ann', via: 'slack' } as const
    await examined.world.locks.lock({ id: 'l', by, at: 0, reason: 'an incident' })
    const found = 'locked by ann since 1970-01-01T00:00:00Z: an incident'
    expect(await examined.examine('not-locked')).toMatchObject({ result: 'warn', found })
  })

  test('blocks when the lock can not be read', async () => {
    examined.world.locks.present = async () => Promise.reject(new SlipwayError('ledger-unavailable', { after: 1_000 }))
    expect(await examined.examine('not-locked')).toMatchObject({ result: 'block', ran: false })
  })
})
