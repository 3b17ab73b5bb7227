import { beforeAll, describe, expect, it } from 'vitest'
import { type JsonObject, member } from '../../src/sandbox/cluster/json.ts'
import { metadataOf } from '../../src/sandbox/cluster/metadata.ts'
import { mergePatch } from './api.ts'
import type { ControlPlane } from './control-plane.ts'
import { useScene } from './use-scene.ts'

interface Kind {
  readonly group: string
  readonly kind: string
  readonly plural: string
  readonly fields: JsonObject
  /** Does the control plane count its generations? */
  readonly counted: boolean
}

const labels = { app: 'x' }
const pod = { spec: { restartPolicy: 'Never', containers: [{ name: 'x', image: 'example.com/x:1' }] } }

const kinds: readonly Kind[] = [
  { group: '', kind: 'ConfigMap', plural: 'configmaps', fields: { data: { a: '1' } }, counted: false },
  { group: '', kind: 'Secret', plural: 'secrets', fields: { data: { a: 'MQ==' } }, counted: false },
  { group: '', kind: 'ServiceAccount', plural: 'serviceaccounts', fields: {}, counted: false },
  {
    group: '',
    kind: 'ResourceQuota',
    plural: 'resourcequotas',
    fields: { spec: { hard: { pods: '9' } } },
    counted: false,
  },
  {
    group: '',
    kind: 'LimitRange',
    plural: 'limitranges',
    fields: { spec: { limits: [{ type: 'Pod', max: { cpu: '1' } }] } },
    counted: false,
  },
  {
    group: '',
    kind: 'PersistentVolumeClaim',
    plural: 'persistentvolumeclaims',
    fields: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
    counted: false,
  },
  {
    group: '',
    kind: 'Event',
    plural: 'events',
    fields: {
      involvedObject: { kind: 'Pod', name: 'x', namespace: '{namespace}' },
      reason: 'BackOff',
      type: 'Warning',
    },
    counted: false,
  },
  { group: 'batch', kind: 'Job', plural: 'jobs', fields: { spec: { template: pod } }, counted: false },
  {
    group: 'policy',
    kind: 'PodDisruptionBudget',
    plural: 'poddisruptionbudgets',
    fields: { spec: { minAvailable: 1, selector: { matchLabels: labels } } },
    counted: true,
  },
  {
    group: 'autoscaling',
    kind: 'HorizontalPodAutoscaler',
    plural: 'horizontalpodautoscalers',
    fields: { spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' } } },
    counted: false,
  },
  { group: 'rbac.authorization.k8s.io', kind: 'Role', plural: 'roles', fields: { rules: [] }, counted: false },
  {
    group: 'gateway.networking.k8s.io',
    kind: 'HTTPRoute',
    plural: 'httproutes',
    fields: { spec: { rules: [{ backendRefs: [{ name: 'x', port: 80, weight: 1 }] }] } },
    counted: true,
  },
]

/** The kinds that readiness looks at: kept, found, changed and removed as on a real cluster. */
export function kindsContract(plane: () => ControlPlane): void {
  const scene = useScene(plane)
  /** The served version of each group: a real control plane may be older than the stand-in. */
  const versions = new Map<string, string>([['', 'v1']])
  beforeAll(async () => {
    const { groups } = await plane().api.must('GET', '/apis')
    for (const group of Array.isArray(groups) ? groups : []) {
      const { name, preferredVersion } = JSON.parse(JSON.stringify(group))
      versions.set(name, `${name}/${preferredVersion.version}`)
    }
  })
  const listOf = ({ group, plural }: Pick<Kind, 'group' | 'plural'>) =>
    `${group === '' ? '/api' : '/apis'}/${versions.get(group)}/namespaces/${scene().namespace}/${plural}`
  const create = ({ group, kind, plural, fields }: Kind, name: string, own: JsonObject = {}) =>
    scene().api.must('POST', listOf({ group, plural }), {
      apiVersion: versions.get(group),
      kind,
      metadata: { name, ...own },
      ...JSON.parse(JSON.stringify(fields).replaceAll('{namespace}', scene().namespace)),
    })
  const namesIn = (list: JsonObject) => {
    const { items } = JSON.parse(JSON.stringify(list))
    return items.map((item: JsonObject) => metadataOf(item).name).sort()
  }

  it.each(kinds)('$plural are kept, found, changed and removed', async (kind) => {
    const { api, namespace } = scene()
    const created = await create(kind, 'one', { labels })
    expect(created).toMatchObject({ kind: kind.kind, metadata: { name: 'one', namespace } })
    expect(metadataOf(created).generation).toBe(kind.counted ? 1 : 0)
    const path = `${listOf(kind)}/one`
    expect(member(await api.must('GET', path), 'metadata').uid).toBe(metadataOf(created).uid)
    const list = await api.must('GET', `${listOf(kind)}?labelSelector=app%3Dx`)
    expect(list.kind).toBe(`${kind.kind}List`)
    expect(namesIn(list)).toEqual(['one'])
    const patched = await api.must('PATCH', path, { metadata: { labels: { app: 'y' } } }, mergePatch)
    expect(metadataOf(patched)).toMatchObject({ labels: { app: 'y' }, generation: metadataOf(created).generation })
    expect(namesIn(await api.must('GET', `${listOf(kind)}?labelSelector=app%3Dx`))).toEqual([])
    await api.must('DELETE', `${path}?propagationPolicy=Background`)
    const after = await api.call('GET', path)
    // A claim stays until the controller that protects volumes has looked.
    if (after.status === 200) expect(metadataOf(after.body).deletionTimestamp).toBeDefined()
    else expect(after.body).toMatchObject({ code: 404, reason: 'NotFound' })
  })

  it('nodes are there, ready and with room', async () => {
    const { items } = JSON.parse(JSON.stringify(await scene().api.must('GET', '/api/v1/nodes')))
    expect(items).toHaveLength(1)
    expect(items[0].status).toMatchObject({
      allocatable: { cpu: '64', memory: '256Gi', pods: '500' },
      conditions: [{ type: 'Ready', status: 'True' }],
    })
  })

  it('a secret that is written as text is read as base64', async () => {
    const { api } = scene()
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'one' }, stringData: { a: 'b' } }
    const created = await api.must('POST', listOf({ group: '', plural: 'secrets' }), secret)
    expect(created).toMatchObject({ type: 'Opaque', data: { a: 'Yg==' } })
    expect(created.stringData).toBeUndefined()
  })

  it('who reports on an object says how it stands, not who creates it', async () => {
    const { api } = scene()
    const kind = kinds.find(({ plural }) => plural === 'resourcequotas')
    if (!kind) throw new Error('No quotas')
    await create({ ...kind, fields: { ...kind.fields, status: { used: { pods: '7' } } } }, 'one')
    const path = `${listOf(kind)}/one`
    expect(member(await api.must('GET', path), 'status').used).toBeUndefined()
    await api.must('PATCH', `${path}/status`, { status: { used: { pods: '8' } }, spec: { hard: null } }, mergePatch)
    expect(await api.must('GET', path)).toMatchObject({
      spec: { hard: { pods: '9' } },
      status: { used: { pods: '8' } },
    })
  })

  describe('selectors', () => {
    const configMaps = { group: '', plural: 'configmaps' }
    const found = async (query: string) => namesIn(await scene().api.must('GET', `${listOf(configMaps)}?${query}`))

    it('of labels', async () => {
      const [kind] = kinds
      if (!kind) throw new Error('No ConfigMap')
      await create(kind, 'a', { labels: { tier: 'web', hot: '' } })
      await create(kind, 'b', { labels: { tier: 'db' } })
      await create(kind, 'c')
      const cases: [string, string[]][] = [
        ['tier=web', ['a']],
        ['tier==db', ['b']],
        ['tier!=web,tier', ['b']],
        ['tier', ['a', 'b']],
        ['hot', ['a']],
        ['hot=', ['a']],
        ['tier in (web, db),!hot', ['b']],
        ['tier notin (web),tier', ['b']],
        ['!tier,a!=b', ['c', 'kube-root-ca.crt']],
      ]
      for (const [selector, names] of cases) {
        const answer = await found(`labelSelector=${encodeURIComponent(selector)}`)
        // A cluster may put a ConfigMap of its own into every namespace.
        expect([selector, answer]).toEqual([
          selector,
          names.filter((name) => name.length === 1 || answer.includes(name)),
        ])
      }
      const odd = await scene().api.call('GET', `${listOf(configMaps)}?labelSelector=tier+in+web`)
      expect(odd.body).toMatchObject({ code: 400, reason: 'BadRequest' })
    })

    it('of fields', async () => {
      const { api } = scene()
      const [kind] = kinds
      if (!kind) throw new Error('No ConfigMap')
      await create(kind, 'a')
      await create(kind, 'b')
      expect(await found('fieldSelector=metadata.name%3Da')).toEqual(['a'])
      expect(await found('fieldSelector=metadata.name%21%3Da,metadata.name%3Db')).toEqual(['b'])
      const odd = await api.call('GET', `${listOf(configMaps)}?fieldSelector=data.a%3D1`)
      expect(odd.body).toMatchObject({ code: 400, reason: 'BadRequest', message: expect.stringContaining('data.a') })
    })

    it('of fields that only some kinds offer', async () => {
      const { api, blue, ready } = scene()
      await ready(blue, 6)
      const pods = listOf({ group: '', plural: 'pods' })
      expect(namesIn(await api.must('GET', `${pods}?fieldSelector=status.phase%3DRunning`))).toHaveLength(6)
      expect(namesIn(await api.must('GET', `${pods}?fieldSelector=spec.nodeName%3Dnode-1`))).toHaveLength(6)
      expect(namesIn(await api.must('GET', `${pods}?fieldSelector=status.phase%21%3DRunning`))).toEqual([])
    })
  })

  it('answers what is not served, and a log of no pod', async () => {
    const { api, namespace } = scene()
    const unknown = { code: 404, reason: 'NotFound', message: 'the server could not find the requested resource' }
    expect((await api.call('GET', `/apis/batch/v1/namespaces/${namespace}/pods`)).body).toMatchObject(unknown)
    expect((await api.call('GET', `/api/v1/namespaces/${namespace}/pods/none/log`)).body).toMatchObject({
      code: 404,
      message: 'pods "none" not found',
    })
  })
}
