import { beforeEach, describe, expect, test } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import { botScopes } from '../../src/slack/check-connection.ts'
import { createExamined, type Examined } from './examine.ts'

let examined: Examined
beforeEach(() => {
  examined = createExamined()
})
const day = 86_400_000

describe('permissions', () => {
  test('passes when all is granted', async () => {
    expect((await examined.examine('permissions')).result).toBe('pass')
  })
  test('blocks with each verb that is missing', async () => {
    examined.cluster.may = ({ verb, resource }) => !(verb === 'patch' && resource === 'virtualservices')
    expect(await examined.examine('permissions')).toMatchObject({
      result: 'block',
      found: 'may not: patch virtualservices/claude-enhancer',
      mend: 'Grant it as in k8s/slipway-rbac.yaml.',
    })
  })
  test.each([
    ['act', 'k8s/slipway-rbac.yaml and k8s/slipway-rbac-http-route.yaml'],
    ['observe', 'k8s/slipway-observe-rbac.yaml and k8s/slipway-observe-rbac-http-route.yaml'],
  ] as const)('names the Roles of an HTTPRoute, mode %s', async (mode, files) => {
    const { config } = examined.world
    const traffic = { ...config.cluster.traffic, kind: 'http-route' } as const
    Object.assign(examined.world, { config: { ...config, mode, cluster: { ...config.cluster, traffic } } })
    examined.cluster.may = ({ resource }) => resource !== 'httproutes'
    expect(await examined.examine('permissions')).toMatchObject({ mend: `Grant it as in ${files}.` })
    expect(await examined.examine('permissions-beyond')).toMatchObject({ expected: `nothing beyond ${files}` })
  })
  test('wants to patch the autoscalers of the tracks, by their names, and no others', async () => {
    const scaler = (name: string, of: string) => ({
      metadata: { name },
      spec: { scaleTargetRef: { kind: 'Deployment', name: of } },
    })
    const all = [scaler('h', 'claude-enhancer-blue'), scaler('x', 'another')]
    examined.cluster.objects.set('horizontalpodautoscalers', all)
    expect((await examined.examine('permissions')).result).toBe('pass')
    examined.cluster.may = ({ resource }) => resource !== 'horizontalpodautoscalers'
    expect((await examined.examine('permissions')).found).toBe('may not: patch horizontalpodautoscalers/h')
    examined.cluster.objects.delete('horizontalpodautoscalers')
    expect((await examined.examine('permissions')).result).toBe('pass')
  })
  test('blocks when the review is refused', async () => {
    examined.cluster.failing = new Set(['may'])
    expect(await examined.examine('permissions')).toMatchObject({ result: 'block', ran: false })
  })
})

describe('permissions-beyond', () => {
  const rule = (verbs: string[], groups: string[], resources: string[], names: string[] = []) => {
    return { verbs, groups, resources, names }
  }
  test('passes for what it uses, for reviews, and for single ConfigMaps and Secrets', async () => {
    examined.cluster.rules = [
      rule(['get', 'patch'], ['apps'], ['deployments'], ['claude-enhancer-blue', 'claude-enhancer-green']),
      rule(['list'], [''], ['pods', 'nodes', 'resourcequotas']),
      rule(['create'], ['authorization.k8s.io'], ['selfsubjectaccessreviews']),
      rule(['get'], [''], ['secrets'], ['tls']),
      rule(['get'], [''], ['pods/log']),
      rule(['patch'], ['autoscaling'], ['horizontalpodautoscalers'], ['claude-enhancer-blue']),
    ]
    expect(await examined.examine('permissions-beyond')).toMatchObject({ result: 'pass', found: 'nothing' })
  })
  test('tells what is more', async () => {
    examined.cluster.rules = [
      rule(['get', 'patch', 'delete'], ['apps'], ['deployments'], ['claude-enhancer-blue']),
      rule(['get', 'list'], [''], ['secrets']),
      rule(['*'], ['*'], ['*']),
    ]
    expect((await examined.examine('permissions-beyond')).details).toEqual([
      'delete deployments/claude-enhancer-blue',
      'get secrets',
      'list secrets',
      '* *',
    ])
  })
  test('tells what is more also where an authorizer lists nothing, and passes on what is listed', async () => {
    examined.cluster.incomplete = true
    examined.cluster.rules = [rule(['*'], ['*'], ['*'])]
    expect(await examined.examine('permissions-beyond')).toMatchObject({ result: 'warn', found: 'may also: * *' })
    examined.cluster.rules = [rule(['list'], [''], ['pods'])]
    expect(await examined.examine('permissions-beyond')).toMatchObject({
      result: 'pass',
      found: 'nothing among the rules that this cluster lists; one of its authorizers lists none',
    })
  })
  test('is unknown when the rules are not told', async () => {
    examined.cluster.failing = new Set(['rules'])
    expect(await examined.examine('permissions-beyond')).toMatchObject({ result: 'warn', ran: false })
  })
})

describe('certificates', () => {
  const ending = (days: number) => {
    examined.outside = { ...examined.outside, certificateEnd: async () => examined.world.time + days * day }
  }
  test('passes when none runs out soon', async () => {
    expect(await examined.examine('certificates')).toMatchObject({
      result: 'pass',
      found: 'https://10.0.0.1: 90 days left',
    })
  })
  test.each([
    [6, '6 days left'],
    [1, '1 day left'],
    [-1, 'run out'],
  ])('blocks with %i days left', async (days, text) => {
    ending(days)
    expect(await examined.examine('certificates')).toMatchObject({
      result: 'block',
      found: `https://10.0.0.1: ${text}`,
    })
  })
  test('looks at more addresses where they are configured', async () => {
    const { looked } = await examined.examine('certificates', { endpoints: ['https://shop.example.com'] })
    expect(looked).toBe('what https://10.0.0.1, https://shop.example.com serve')
  })
  test('blocks when an address does not answer', async () => {
    const certificateEnd = () => Promise.reject(new SlipwayError('address-unreachable', { url: 'https://10.0.0.1' }))
    examined.outside = { ...examined.outside, certificateEnd }
    expect(await examined.examine('certificates')).toMatchObject({ result: 'block', ran: false })
  })
  test('is off where nothing is spoken to over https', async () => {
    examined.outside = { ...examined.outside, apiServer: 'http://127.0.0.1:1' }
    await expect(examined.examine('certificates')).rejects.toThrow('nothing is spoken to over https')
  })
})

describe('images-pinned', () => {
  test('passes with versions', async () => {
    expect((await examined.examine('images-pinned')).result).toBe('pass')
  })
  test('warns for a sidecar by a moving tag, or without one', async () => {
    const { containers } = examined.cluster.deployments.blue.spec?.template.spec ?? { containers: [] }
    containers.push({ name: 'proxy', image: 'proxy:latest' }, { name: 'log', image: 'log' })
    expect(await examined.examine('images-pinned')).toMatchObject({ result: 'warn', found: 'proxy:latest, log' })
  })
  test('leaves the image out that Istio puts in for its proxy', async () => {
    const { containers } = examined.cluster.deployments.blue.spec?.template.spec ?? { containers: [] }
    containers.push({ name: 'istio-proxy', image: 'auto' })
    expect(await examined.examine('images-pinned')).toMatchObject({ result: 'pass', found: 'all 2' })
    containers.push({ name: 'log', image: 'auto' })
    expect(await examined.examine('images-pinned')).toMatchObject({ result: 'warn', found: 'auto' })
  })
  test('blocks when the templates can not be read', async () => {
    examined.cluster.failing = new Set(['deployment'])
    expect(await examined.examine('images-pinned')).toMatchObject({ result: 'block', ran: false })
  })
})

describe('non-root', () => {
  test('passes when both templates say so', async () => {
    expect((await examined.examine('non-root')).result).toBe('pass')
  })
  test('warns for a container that may, also where the pod says otherwise', async () => {
    const [container] = examined.cluster.deployments.green.spec?.template.spec?.containers ?? []
    if (container?.securityContext) container.securityContext.runAsNonRoot = false
    expect(await examined.examine('non-root')).toMatchObject({
      result: 'warn',
      found: 'may: claude-enhancer of claude-enhancer-green',
    })
  })
  test('blocks when the templates can not be read', async () => {
    examined.cluster.failing = new Set(['deployment'])
    expect(await examined.examine('non-root')).toMatchObject({ result: 'block', ran: false })
  })
})

describe('bot-scopes', () => {
  const granting = (scopes: readonly string[]) => {
    examined.outside = { ...examined.outside, botScopes: async () => scopes }
  }
  test('passes with exactly those of the manifest', async () => {
    expect((await examined.examine('bot-scopes')).result).toBe('pass')
  })
  test('blocks when one is missing', async () => {
    granting(botScopes.slice(1))
    expect(await examined.examine('bot-scopes')).toMatchObject({ result: 'block', found: `missing: ${botScopes[0]}` })
  })
  test('warns when there are more', async () => {
    granting([...botScopes, 'files:read'])
    expect(await examined.examine('bot-scopes')).toMatchObject({
      result: 'warn',
      found: 'more than it uses: files:read',
    })
  })
  test('blocks when Slack does not tell them', async () => {
    const refused = new SlipwayError('slack-refused', { method: 'auth.test', error: 'scopes are not told' })
    examined.outside = { ...examined.outside, botScopes: () => Promise.reject(refused) }
    expect(await examined.examine('bot-scopes')).toMatchObject({ result: 'block', ran: false })
  })
})
