import type { KubeConfig } from '@kubernetes/client-node'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { createClient } from '../../src/cluster/client.ts'
import { createInspector } from '../../src/cluster/inspector.ts'
import { createSnapshot } from '../../src/cluster/snapshot.ts'
import { imageOf } from '../../src/config/release-name.ts'
import { catalogue } from '../../src/readiness/catalogue.ts'
import { createReadiness } from '../../src/readiness/readiness.ts'
import type { ReadinessReport } from '../../src/readiness/report.ts'
import { createExamined } from '../readiness/examine.ts'
import { createApi, jsonPatch, mergePatch } from './api.ts'
import type { ControlPlane } from './control-plane.ts'
import { applyObserverRole, type Scene } from './scene.ts'
import { until } from './until.ts'
import { useScene } from './use-scene.ts'

interface Asked {
  readonly version?: string
  /** Who asks; by default Slipway itself, through the proxy. */
  readonly kubeConfig?: KubeConfig
  readonly settings?: Readonly<Record<string, object>>
  readonly mode?: 'observe'
}

/** The categories that look at the cluster, of a report that goes through the scene's proxy; the rest of the world is well. */
async function reportOf(scene: Scene, asked: Asked = {}): Promise<ReadinessReport> {
  const { world, outside } = createExamined()
  const { namespace } = scene
  const { version = '5.1.0', kubeConfig = scene.kubeConfig, settings = {}, mode } = asked
  const changed = catalogue.flatMap(({ name, schema }) => {
    const changes = settings[name]
    return changes === undefined ? [] : [[name, schema.parse(changes)] as const]
  })
  const checks = { ...world.config.readiness.checks, ...Object.fromEntries(changed) }
  const config = {
    ...world.config,
    cluster: scene.config,
    readiness: { ...world.config.readiness, checks },
    ...(mode && { mode }),
  }
  const reach = { kubeConfig, namespace, timeout: scene.config.timeout }
  const [client, inspector] = [createClient(reach), createInspector(reach)]
  const clock = systemClock
  const lookAtCluster = () => createSnapshot({ client, inspector, config: scene.config, weights: [5, 100] })
  const certificateEnd = async () => clock.now() + 90 * 86_400_000
  const check = createReadiness({ ...world, config, clock }, { ...outside, lookAtCluster, certificateEnd })
  const categories = ['infrastructure', 'application', 'configuration', 'security'] as const
  return check({ id: 'id', version, image: imageOf(config, { version }), categories })
}

const troublesOf = (report: ReadinessReport) =>
  report.findings.filter((f) => f.result !== 'pass').map((f) => `${f.check} ${f.result}${f.ran ? '' : ', not checked'}`)

/** The checks that look at the cluster, on a control plane where Slipway has no more than the shipped Role. */
export function readinessContract(plane: () => ControlPlane): void {
  const scene = useScene(plane)

  /** What no scene has: rights beyond its namespace, pods that are old enough, and on an old API server the younger kinds. */
  async function always(): Promise<readonly string[]> {
    const { api } = scene()
    const served = async (path: string) => (await api.call('GET', path)).status === 200
    return [
      ...((await api.must('GET', '/version')).major === '' ? ['api-server block, not checked'] : []),
      'nodes-ready warn, not checked',
      'room warn, not checked',
      ...((await served('/apis/policy/v1')) ? [] : ['disruption-budgets warn, not checked']),
      'stable-steady warn',
    ]
  }

  it('find nothing else in a healthy namespace, and list each kind once', async () => {
    const { blue, ready, proxy } = scene()
    await ready(blue, 6)
    const before = proxy.requests.length
    const report = await reportOf(scene())
    expect(troublesOf(report)).toEqual(await always())
    const reads = proxy.requests.slice(before).filter((request) => request.startsWith('GET'))
    expect(reads.toSorted()).toEqual([...new Set(reads)].toSorted())
  })

  it('find the same with the Role of a Slipway that only observes, and write nothing', async () => {
    const { api, namespace, route, blue, ready, proxy } = scene()
    await ready(blue, 6)
    await applyObserverRole(api, namespace)
    const slipway = await createApi(plane().adapter)
    await until('the Role counts', async () => (await slipway.call('PATCH', route, [], jsonPatch)).status === 403)
    const before = proxy.requests.length
    expect(troublesOf(await reportOf(scene(), { mode: 'observe' }))).toEqual(await always())
    const others = proxy.requests.slice(before).filter((request) => !request.startsWith('GET'))
    const review = /^POST \/apis\/authorization\.k8s\.io\/v1\/selfsubject(access|rules)reviews/
    expect(others.filter((request) => !review.test(request))).toEqual([])
  })

  /** What one check of a report comes to. */
  const resultOf = (report: ReadinessReport, name: string) => {
    const finding = report.findings.find(({ check }) => check === name)
    return finding?.ran ? finding.result : 'not checked'
  }

  it('find a stable whose pods crash', async () => {
    const { api, blue, ready } = scene()
    await ready(blue, 6)
    const value = 'registry.example.com/crash:5.0.0'
    const patch = [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value }]
    await api.must('PATCH', blue, patch, jsonPatch)
    const found = async () => {
      const report = await reportOf(scene())
      return ['restarts', 'stable-ready'].map((name) => resultOf(report, name))
    }
    await expect.poll(found).toEqual(['warn', 'block'])
  })

  it('find a version that runs already', async () => {
    const { blue, ready } = scene()
    await ready(blue, 6)
    expect(resultOf(await reportOf(scene()), 'image-new')).toBe('pass')
    expect(resultOf(await reportOf(scene(), { version: '5.0.0' }), 'image-new')).toBe('block')
  })

  it('with the rights of the ClusterRole, look at the nodes and their room; pods that are ready for long enough are steady', async () => {
    const { api, blue, ready, namespace } = scene()
    await ready(blue, 6)
    const kubeConfig = plane().admin
    const settings = { 'stable-steady': { readyFor: '1ms' } }
    const result = async (name: string) => resultOf(await reportOf(scene(), { kubeConfig, settings }), name)
    await expect.poll(() => result('stable-steady')).toBe('pass')
    await expect.poll(() => result('nodes-ready')).toBe('pass')
    const spare = { apiVersion: 'v1', kind: 'Node', metadata: { name: `spare-${namespace}` }, spec: {}, status: {} }
    await api.must('POST', '/api/v1/nodes', spare)
    try {
      await expect.poll(() => result('nodes-ready')).toBe('block')
    } finally {
      await api.must('DELETE', `/api/v1/nodes/${spare.metadata.name}`)
    }
    // How much room there is depends on what else runs there; for 10,000 cores a pod there is none.
    const value = { requests: { cpu: '10k' } }
    const patch = [{ op: 'add', path: '/spec/template/spec/containers/0/resources', value }]
    await api.must('PATCH', blue, patch, jsonPatch)
    await expect.poll(() => result('room')).toBe('block')
  })

  it('find an API server that is older than it may be', async () => {
    const { major } = await scene().api.must('GET', '/version')
    const settings = { 'api-server': { oldest: '1.999' } }
    // The real one of these tests does not say its version: then nobody knows, and that blocks, too.
    expect(resultOf(await reportOf(scene(), { settings }), 'api-server')).toBe(major === '' ? 'not checked' : 'block')
  })

  describe('find exactly what is broken', () => {
    it.each<[string, string, (scene: Scene) => Promise<unknown>]>([
      [
        'a quota that is used up',
        'quotas block',
        async ({ api, namespace }) => {
          const quotas = `/api/v1/namespaces/${namespace}/resourcequotas`
          const quota = {
            apiVersion: 'v1',
            kind: 'ResourceQuota',
            metadata: { name: 'q' },
            spec: { hard: { pods: '7' } },
          }
          await api.must('POST', quotas, quota)
          const status = { hard: { pods: '7' }, used: { pods: '6' } }
          await api.must('PATCH', `${quotas}/q/status`, { status }, mergePatch)
        },
      ],
      [
        'weights that are shared',
        'route-weights block',
        ({ patchRoute }) =>
          patchRoute([
            { op: 'replace', path: '/spec/http/0/route/0/weight', value: 80 },
            { op: 'replace', path: '/spec/http/0/route/1/weight', value: 20 },
          ]),
      ],
      [
        'templates that differ',
        'templates-agree block',
        ({ patchDeployment, green }) =>
          patchDeployment(green, { spec: { template: { spec: { terminationGracePeriodSeconds: 5 } } } }),
      ],
      [
        'a repository that manages one',
        'git-ops warn',
        ({ patchDeployment, green }) =>
          patchDeployment(green, { metadata: { annotations: { 'argocd.argoproj.io/tracking-id': 'x' } } }),
      ],
      [
        'another controller of one',
        'sole-writer warn',
        ({ patchDeployment, green }) =>
          patchDeployment(green, { metadata: { labels: { 'fleet.cattle.io/bundle-id': 'x' } } }),
      ],
      [
        'an image whose tag is moved',
        'images-pinned warn',
        ({ api, green }) => {
          const value = 'registry.example.com/claude-enhancer:latest'
          const patch = [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value }]
          return api.must('PATCH', green, patch, jsonPatch)
        },
      ],
      [
        'a subset that chooses the other pods',
        'route-sound block',
        ({ api, namespace }) => {
          const rule = `/apis/networking.istio.io/v1/namespaces/${namespace}/destinationrules/claude-enhancer`
          const patch = [{ op: 'replace', path: '/spec/subsets/1/labels/track', value: 'blue' }]
          return api.must('PATCH', rule, patch, jsonPatch)
        },
      ],
      [
        'a container that may be root',
        'non-root warn',
        async ({ api, blue, green }) => {
          const patch = [{ op: 'remove', path: '/spec/template/spec/securityContext/runAsNonRoot' }]
          for (const path of [blue, green]) await api.must('PATCH', path, patch, jsonPatch)
        },
      ],
      [
        'a Secret that is missing',
        'references-exist block, not checked',
        async ({ api, blue, green }) => {
          const env = [{ name: 'K', valueFrom: { secretKeyRef: { name: 'keys', key: 'k' } } }]
          const patch = [{ op: 'add', path: '/spec/template/spec/containers/0/env', value: env }]
          for (const path of [blue, green]) await api.must('PATCH', path, patch, jsonPatch)
        },
      ],
      [
        'a right that is missing',
        'permissions block',
        async ({ api, namespace }) => {
          const role = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/roles/slipway`
          const patch = [{ op: 'replace', path: '/rules/1/verbs', value: ['get'] }]
          await api.must('PATCH', role, patch, jsonPatch)
        },
      ],
      [
        'a right that is too much',
        'permissions-beyond warn',
        async ({ api, namespace }) => {
          const role = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/roles/slipway`
          const rule = { apiGroups: [''], resources: ['secrets'], verbs: ['get'] }
          await api.must('PATCH', role, [{ op: 'add', path: '/rules/-', value: rule }], jsonPatch)
        },
      ],
    ])('%s', async (_, trouble, break_) => {
      const { blue, ready } = scene()
      await ready(blue, 6)
      await break_(scene())
      const expected = await always()
      const [check] = trouble.split(' ')
      const known = [...expected.filter((one) => !one.startsWith(`${check} `)), trouble]
      const found = async () =>
        troublesOf(await reportOf(scene()))
          .filter((one) => !one.startsWith('stable-ready '))
          .toSorted()
      // What a Role grants counts a moment after it has changed.
      await expect.poll(found).toEqual(known.toSorted())
    })
  })
}
