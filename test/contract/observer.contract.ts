import { expect, it } from 'vitest'
import { createClusterReader } from '../../src/cluster/cluster.ts'
import { createApi } from './api.ts'
import type { ControlPlane } from './control-plane.ts'
import { applyObserverRole } from './scene.ts'
import { until } from './until.ts'
import { useScene } from './use-scene.ts'

/** What a Slipway in `mode: observe` reaches the cluster with, where it has no more than the Role that is shipped for it. */
export function observerContract(plane: () => ControlPlane): void {
  const scene = useScene(plane)

  it('sees all it needs with rights to read alone, and leaves every object as it was', async () => {
    const { namespace, api, route, blue, green, config, kubeConfig, proxy } = scene()
    const { limited, adapter } = plane()
    if (limited) {
      await applyObserverRole(api, namespace)
      const slipway = await createApi(adapter)
      const refused = async () => (await slipway.call('PATCH', route, [], 'application/json-patch+json')).status === 403
      await until('the Role counts', refused)
      const scalers = `/apis/autoscaling/v1/namespaces/${namespace}/horizontalpodautoscalers`
      for (const [method, path] of [
        ['PATCH', blue],
        ['PATCH', green],
        ['PATCH', `${blue}/scale`],
        ['DELETE', blue],
        ['DELETE', route],
        ['PUT', route],
        ['POST', route.slice(0, route.lastIndexOf('/'))],
        ['POST', blue.slice(0, blue.lastIndexOf('/'))],
        ['PATCH', `${scalers}/claude-enhancer-blue`],
        ['POST', scalers],
        ['DELETE', `/api/v1/namespaces/${namespace}/pods/any`],
        ['POST', `/api/v1/namespaces/${namespace}/pods/any/exec`],
        ['POST', `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`],
      ] as const)
        expect([path, (await slipway.call(method, path, {})).status]).toEqual([path, 403])
    }
    const objects = () => Promise.all([route, blue, green].map((path) => api.must('GET', path)))
    const before = await objects()
    const earlier = proxy.requests.length
    const reader = createClusterReader({ kubeConfig, config })
    const { route: seen, tracks } = await reader.view()
    expect(seen.weights).toEqual({ blue: 100, green: 0 })
    expect(tracks.blue.replicas).toBe(6)
    expect(await reader.templateDifferences()).toEqual([])
    expect(await reader.trafficProblems([5, 100])).toEqual([])
    expect([await reader.gitOps(), (await reader.gitChanges()).length]).toEqual([[], 6])
    const ended = { container: 'claude-enhancer', previous: false }
    expect(await reader.lastLines({ pod: 'gone', reason: '', message: '', ended })).toEqual([
      expect.stringMatching(/does not exist/),
    ])
    expect([await reader.autoscalers(), await reader.quotaShortfalls('green', 6)]).toEqual([[], []])
    expect(await reader.byHand('blue')).toContain(`kubectl -n ${namespace} patch virtualservice`)
    const sent = proxy.requests.slice(earlier)
    expect(sent).not.toEqual([])
    expect(sent.filter((request) => !request.startsWith('GET '))).toEqual([])
    const after = await objects()
    // Deployments are written by their controller all the time: what people and programs write stands in spec and metadata.
    const written = ({ metadata, spec }: (typeof before)[number]) => ({ metadata: withoutCounts(metadata), spec })
    expect(after.map(written)).toEqual(before.map(written))
  })

  it('has nothing to write with', () => {
    const reader = createClusterReader({ kubeConfig: scene().kubeConfig, config: scene().config })
    const looks = [
      'autoscalers',
      'byHand',
      'gitChanges',
      'gitOps',
      'lastLines',
      'quotaShortfalls',
      'templateDifferences',
      'trafficProblems',
      'view',
    ]
    expect(Object.keys(reader).toSorted()).toEqual(looks)
  })
}

/** Metadata without what the control plane counts by itself while a Deployment's status changes: in its annotations, too. */
function withoutCounts(metadata: unknown): unknown {
  if (typeof metadata !== 'object' || metadata === null) return metadata
  const annotations = 'annotations' in metadata ? Object.entries(metadata.annotations ?? {}) : []
  return Object.fromEntries([
    ...Object.entries(metadata).filter(([key]) => !['resourceVersion', 'managedFields', 'annotations'].includes(key)),
    ['annotations', annotations.filter(([name]) => !name.startsWith('deployment.kubernetes.io/'))],
  ])
}
