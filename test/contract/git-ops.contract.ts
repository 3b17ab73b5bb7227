import { expect, it } from 'vitest'
import { mergePatch } from './api.ts'
import type { ControlPlane } from './control-plane.ts'
import { type Kind, notations } from './notation.ts'
import { useScene } from './use-scene.ts'

/** Who manages the objects from Git, and what Git has to have after a rollout. */
export function gitOpsContract(plane: () => ControlPlane, kind: Kind): void {
  const scene = useScene(plane, kind)
  const { object, weightPath } = notations[kind]
  const mark = (path: string, metadata: object) => scene().api.must('PATCH', path, { metadata }, mergePatch)

  it('is nobody where nothing says so', async () => {
    expect(await scene().cluster.gitOps()).toEqual([])
  })

  it('is Argo CD by its tracking annotation, or as the field manager', async () => {
    const { cluster, route, green, api, namespace } = scene()
    await mark(route, { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:x/Y:market/shop' } })
    const [found, ...others] = await cluster.gitOps()
    expect(others).toEqual([])
    expect(found).toMatchObject({
      tool: 'Argo CD',
      source: 'shop',
      objects: [`${object} ${namespace}/claude-enhancer`],
    })
    expect(found?.text).toContain(`kind: ${object}`)
    await api.must('PATCH', `${green}?fieldManager=argocd-controller`, { spec: { replicas: 1 } }, mergePatch)
    const [again] = await cluster.gitOps()
    expect(again?.objects).toEqual([
      `${object} ${namespace}/claude-enhancer`,
      `Deployment ${namespace}/claude-enhancer-green`,
    ])
  })

  it.each([
    ['Flux', 'kustomize.toolkit.fluxcd.io', 'patches:'],
    ['Flux (Helm)', 'helm.toolkit.fluxcd.io', weightPath(1)],
  ])('is %s by its labels', async (tool, label, part) => {
    const { cluster, blue } = scene()
    await mark(blue, { labels: { [`${label}/name`]: 'shop', [`${label}/namespace`]: 'apps' } })
    const [found] = await cluster.gitOps()
    expect(found).toMatchObject({ tool, source: 'apps/shop' })
    expect(found?.text).toContain(part)
  })

  it('leaves the minimum of the tracks’ autoscalers alone, too, and of no others', async () => {
    const { cluster, blue, api, namespace } = scene()
    await mark(blue, { labels: { 'helm.toolkit.fluxcd.io/name': 'shop' } })
    for (const [name, deployment] of Object.entries({ ours: 'claude-enhancer-blue', another: 'something-else' }))
      await api.must('POST', `/apis/autoscaling/v1/namespaces/${namespace}/horizontalpodautoscalers`, {
        apiVersion: 'autoscaling/v1',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name },
        spec: { maxReplicas: 9, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: deployment } },
      })
    const [found] = await cluster.gitOps()
    expect(found?.text).toContain(
      '- paths: [/spec/minReplicas]\n      target: { kind: HorizontalPodAutoscaler, name: "^ours$" }',
    )
    expect(found?.text).not.toContain('another')
  })

  it('gets image, size and weights as they stand', async () => {
    const { cluster, namespace, patchDeployment, green } = scene()
    await patchDeployment(green, { spec: { replicas: 3 } })
    const changes = await cluster.gitChanges()
    const named = `Deployment ${namespace}/claude-enhancer-green`
    expect(changes).toHaveLength(6)
    expect(changes).toContainEqual({ object: named, path: '/spec/replicas', value: '3' })
    expect(changes).toContainEqual({
      object: `${object} ${namespace}/claude-enhancer`,
      path: weightPath(0),
      value: '100',
    })
  })
}
