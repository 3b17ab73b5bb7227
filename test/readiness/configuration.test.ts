import { beforeEach, describe, expect, test } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import type { GitOps } from '../../src/jobs/ports.ts'
import { catalogue } from '../../src/readiness/catalogue.ts'
import { referencesOf } from '../../src/readiness/configuration/references.ts'
import { createExamined, type Examined } from './examine.ts'

let examined: Examined
beforeEach(() => {
  examined = createExamined()
})

test('a key of a check that is not known, and numbers that do not fit, are told with their place', async () => {
  const { parseConfig } = await import('../../src/config/load.ts')
  const { example } = await import('../config/example.ts')
  const text = example.replace(
    'release:',
    'readiness:\n  checks:\n    nodes-redy: {}\n    api-server: { oldest: 1.20 }\n    room: { severity: loud }\nrelease:',
  )
  const line = text.split('\n').indexOf('  checks:') + 1
  expect(() => parseConfig(text, 'f.yaml')).toThrow(
    expect.objectContaining({
      detail: {
        file: 'f.yaml',
        mistakes: [
          `f.yaml:${line + 1}:5: readiness.checks.nodes-redy is not known, expected a known key; the nearest is nodes-ready`,
          `f.yaml:${line + 2}:27: readiness.checks.api-server.oldest is 1.2, expected a version in quotes, such as "1.20"`,
          `f.yaml:${line + 3}:23: readiness.checks.room.severity is "loud", expected block, warn or off`,
        ].join('\n'),
      },
    }),
  )
})

describe('route-weights', () => {
  test('passes when one track has everything', async () => {
    expect((await examined.examine('route-weights')).found).toBe('blue 100 %, green 0 %')
  })
  test('blocks when both have some', async () => {
    Object.assign(examined.world.weights, { blue: 80, green: 20 })
    expect(await examined.examine('route-weights')).toMatchObject({ result: 'block', found: 'blue 80 %, green 20 %' })
  })
  test('blocks when the route can not be read', async () => {
    examined.cluster.failing = new Set(['view'])
    expect(await examined.examine('route-weights')).toMatchObject({ result: 'block', ran: false })
  })
})

describe('route-sound', () => {
  test('passes when nothing is wrong', async () => {
    expect((await examined.examine('route-sound')).result).toBe('pass')
  })
  test('blocks with what is wrong, and how to mend it', async () => {
    const problem = new SlipwayError('cluster-not-found', { what: 'Subset green' })
    examined.world.cluster.trafficProblems = async () => [problem]
    expect(await examined.examine('route-sound')).toMatchObject({
      result: 'block',
      found: problem.message,
      mend: problem.todo,
    })
  })
  test('blocks when it can not be read', async () => {
    examined.cluster.failing = new Set(['problems'])
    expect(await examined.examine('route-sound')).toMatchObject({ result: 'block', ran: false })
  })
})

describe('templates-agree', () => {
  test('passes when they do', async () => {
    expect((await examined.examine('templates-agree')).result).toBe('pass')
  })
  test('blocks with the places where they differ', async () => {
    examined.cluster.differences = ['/spec/containers/0/env']
    expect((await examined.examine('templates-agree')).found).toBe('they differ at /spec/containers/0/env')
  })
  test('blocks when they can not be read', async () => {
    examined.cluster.failing = new Set(['differences'])
    expect(await examined.examine('templates-agree')).toMatchObject({ result: 'block', ran: false })
  })
})

describe('references-exist', () => {
  function withReferences(): void {
    const spec = examined.cluster.deployments.green.spec?.template.spec
    const [container] = spec?.containers ?? []
    if (spec === undefined || container === undefined) throw new Error('no container')
    container.envFrom = [{ configMapRef: { name: 'settings' } }, { secretRef: { name: 'maybe', optional: true } }]
    container.env = [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'keys', key: 'k' } } }]
    spec.volumes = [
      { name: 'a', secret: { secretName: 'tls' } },
      { name: 'b', projected: { sources: [{ configMap: { name: 'extra' } }] } },
    ]
    spec.imagePullSecrets = [{ name: 'pull' }]
  }
  test('passes when the templates name none', async () => {
    expect((await examined.examine('references-exist')).found).toBe('the templates name none')
  })
  test('finds every one that a pod needs', () => {
    withReferences()
    const found = referencesOf(examined.cluster.deployments.green.spec?.template.spec)
    expect(found.map(({ kind, name }) => `${kind}/${name}`)).toEqual([
      'configmaps/settings',
      'secrets/keys',
      'secrets/tls',
      'configmaps/extra',
      'secrets/pull',
    ])
  })
  test('blocks for those that are missing', async () => {
    withReferences()
    for (const name of ['configmaps/settings', 'secrets/keys', 'configmaps/extra', 'secrets/pull'])
      examined.cluster.existing.add(name)
    expect(await examined.examine('references-exist')).toMatchObject({ result: 'block', found: 'missing: Secret tls' })
    examined.cluster.existing.add('secrets/tls')
    expect(await examined.examine('references-exist')).toMatchObject({ result: 'pass', found: '5 are there' })
  })
  test('blocks when it may not look', async () => {
    withReferences()
    examined.cluster.failing = new Set(['secrets'])
    expect(await examined.examine('references-exist')).toMatchObject({ result: 'block', ran: false })
  })
})

describe('sole-writer', () => {
  const { deployments } = createExamined().cluster
  type Change = (deployment: typeof deployments.blue) => void
  const applies = (fields: object, manager = 'kapp') => ({ manager, operation: 'Apply', fieldsV1: fields })
  test('passes when nobody does; who once wrote by update is nobody', async () => {
    const { metadata } = examined.cluster.deployments.blue
    if (metadata) metadata.managedFields = [{ manager: 'kubectl', operation: 'Update', fieldsV1: { 'f:replicas': {} } }]
    expect(await examined.examine('sole-writer')).toMatchObject({ result: 'pass', found: 'nobody' })
  })
  test.each<[string, Change, RegExp]>([
    [
      'Fleet',
      (d) => Object.assign(d.metadata ?? {}, { labels: { 'fleet.cattle.io/bundle-id': 'x' } }),
      /^Fleet manages/,
    ],
    [
      'an owner',
      (d) => Object.assign(d.metadata ?? {}, { ownerReferences: [{ kind: 'Rollout', name: 'r' }] }),
      /^Rollout r owns/,
    ],
    [
      'a server-side apply',
      (d) => Object.assign(d.metadata ?? {}, { managedFields: [applies({ 'f:replicas': {} })] }),
      /^kapp applies its size/,
    ],
    ['a paused Deployment', (d) => Object.assign(d.spec ?? {}, { paused: true }), /is paused/],
  ])('warns for %s', async (_, change, found) => {
    change(examined.cluster.deployments.blue)
    expect(await examined.examine('sole-writer')).toMatchObject({ result: 'warn', found: expect.stringMatching(found) })
  })
  test('warns when the Deployments can not be read', async () => {
    examined.cluster.failing = new Set(['deployment'])
    expect(await examined.examine('sole-writer')).toMatchObject({ result: 'warn', ran: false })
  })
})

describe('git-ops', () => {
  const argo: GitOps = {
    ...{ tool: 'Argo CD', source: 'shop', objects: ['Deployment shop/web-blue', 'VirtualService shop/web'] },
    text: 'ignoreDifferences:\n  - group: apps',
  }
  test('passes when no tool is recognised', async () => {
    expect(await examined.examine('git-ops')).toMatchObject({ result: 'pass', found: 'none' })
  })
  test('warns of one, with the text to paste', async () => {
    examined.cluster.gitOps = [argo]
    expect(await examined.examine('git-ops')).toMatchObject({
      result: 'warn',
      found: 'Argo CD (shop): Deployment shop/web-blue, VirtualService shop/web',
      details: [argo.text],
      mend: expect.stringMatching(/leftAlone: true/),
    })
  })
  test('passes when the configuration says that it was told, and still names it', async () => {
    examined.cluster.gitOps = [argo, { ...argo, tool: 'Flux', source: null }]
    expect(await examined.examine('git-ops', { leftAlone: true })).toMatchObject({
      result: 'pass',
      found: expect.stringMatching(/^Argo CD \(shop\): .*; Flux: .*, told to leave them alone$/),
    })
  })
  test('leaves who applies by these tools to it', async () => {
    const { metadata } = examined.cluster.deployments.blue
    const applied = { manager: 'kustomize-controller', operation: 'Apply', fieldsV1: { 'f:replicas': {} } }
    if (metadata) metadata.managedFields = [applied]
    expect((await examined.examine('sole-writer')).result).toBe('pass')
  })
  test('warns when the objects can not be read', async () => {
    examined.cluster.failing = new Set(['git-ops'])
    expect(await examined.examine('git-ops')).toMatchObject({ result: 'warn', ran: false })
  })
  test.each(['yes', 1])('leftAlone: %j is a mistake', (leftAlone) => {
    const check = catalogue.find(({ name }) => name === 'git-ops')
    expect(check?.schema.safeParse({ leftAlone }).error?.issues[0]?.message).toBe('expected true or false')
  })
})
