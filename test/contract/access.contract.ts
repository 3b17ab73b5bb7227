import { expect, it } from 'vitest'
import { type JsonObject, member } from '../../src/sandbox/cluster/json.ts'
import { type Api, createApi } from './api.ts'
import type { ControlPlane } from './control-plane.ts'
import { useScene } from './use-scene.ts'

const reviews = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'

async function mayI(api: Api, resourceAttributes: JsonObject): Promise<unknown> {
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes },
  }
  const answer = await api.must('POST', reviews, review)
  expect(answer).toMatchObject({ kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } })
  return member(answer, 'status').allowed
}

/** What an account may do, asked and tried: on a control plane where the adapter has no more than the shipped Role. */
export function accessContract(plane: () => ControlPlane): void {
  const scene = useScene(plane)
  const asSlipway = () => createApi(plane().adapter)

  it('is what the Role says, by name where it names, and everything for an administrator', async () => {
    const { namespace, api } = scene()
    const slipway = await asSlipway()
    const deployments = { namespace, group: 'apps', resource: 'deployments' }
    expect(await mayI(slipway, { ...deployments, verb: 'patch', name: 'claude-enhancer-blue' })).toBe(true)
    expect(await mayI(slipway, { ...deployments, verb: 'patch', name: 'another' })).toBe(false)
    expect(await mayI(slipway, { ...deployments, verb: 'patch' })).toBe(false)
    expect(await mayI(slipway, { ...deployments, verb: 'delete', name: 'claude-enhancer-blue' })).toBe(false)
    expect(await mayI(slipway, { ...deployments, namespace: 'default', verb: 'get', name: 'x' })).toBe(false)
    expect(await mayI(slipway, { namespace, resource: 'secrets', verb: 'get', name: 'x' })).toBe(false)
    expect(await mayI(slipway, { namespace, resource: 'pods', subresource: 'log', verb: 'get' })).toBe(true)
    expect(await mayI(slipway, { namespace, resource: 'pods', subresource: 'exec', verb: 'create' })).toBe(false)
    expect(await mayI(api, { namespace, resource: 'pods', subresource: 'log', verb: 'get' })).toBe(true)
  })

  it('is not read from a list, and nothing is asked without a question', async () => {
    const { api } = scene()
    expect((await api.call('GET', reviews)).status).toBe(405)
    const empty = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: {} }
    expect((await api.call('POST', reviews, empty)).body).toMatchObject({ code: 422, reason: 'Invalid' })
  })

  it('is refused in words that name the account, the verb and the resource', async () => {
    const { namespace } = scene()
    const slipway = await asSlipway()
    const account = 'system:serviceaccount:claude-enhancer:slipway'
    const where = `in the namespace "${namespace}"`
    const cases: [string, string][] = [
      [
        `/apis/batch/v1/namespaces/${namespace}/jobs/x`,
        `jobs.batch "x" is forbidden: User "${account}" cannot get resource "jobs" in API group "batch" ${where}`,
      ],
      [
        `/api/v1/namespaces/${namespace}/pods?watch=true`,
        `pods is forbidden: User "${account}" cannot watch resource "pods" in API group "" ${where}`,
      ],
      [
        `/api/v1/namespaces/${namespace}/pods/x/status`,
        `pods "x" is forbidden: User "${account}" cannot get resource "pods/status" in API group "" ${where}`,
      ],
      [
        '/api/v1/nodes',
        `nodes is forbidden: User "${account}" cannot list resource "nodes" in API group "" at the cluster scope`,
      ],
    ]
    for (const [path, message] of cases) {
      expect((await slipway.call('GET', path)).body).toMatchObject({ code: 403, reason: 'Forbidden', message })
    }
  })

  it('grows with a Role, a ClusterRole and their bindings', async () => {
    const { namespace, api } = scene()
    const slipway = await asSlipway()
    const rbac = '/apis/rbac.authorization.k8s.io/v1'
    const head = { apiVersion: 'rbac.authorization.k8s.io/v1' }
    const name = `nodes-${namespace}`
    const subjects = [{ kind: 'ServiceAccount', name: 'slipway', namespace: 'claude-enhancer' }]
    const rules = [{ apiGroups: [''], resources: ['nodes'], verbs: ['list'] }]
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name }
    await api.must('POST', `${rbac}/clusterroles`, { ...head, kind: 'ClusterRole', metadata: { name }, rules })
    const binding = { ...head, kind: 'ClusterRoleBinding', metadata: { name }, roleRef, subjects }
    try {
      await api.must('POST', `${rbac}/clusterrolebindings`, binding)
      await expect.poll(() => mayI(slipway, { resource: 'nodes', verb: 'list' })).toBe(true)
      expect((await slipway.call('GET', '/api/v1/nodes')).status).toBe(200)
    } finally {
      await api.call('DELETE', `${rbac}/clusterrolebindings/${name}`)
      await api.must('DELETE', `${rbac}/clusterroles/${name}`)
    }
  })
}
