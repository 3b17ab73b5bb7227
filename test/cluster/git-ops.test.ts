import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { argoCdText, fluxText, helmText } from '../../src/cluster/git-ops-texts.ts'
import type { ClusterConfig } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load.ts'

const { cluster } = await loadConfig('deployment-config.yaml')
const named = (name: string) => `Deployment ${cluster.namespace}/${name}`
const changes = [
  ...[cluster.tracks.blue.deployment, cluster.tracks.green.deployment].flatMap((name) => [
    { object: named(name), path: '/spec/template/spec/containers/0/image', value: 'x' },
    { object: named(name), path: '/spec/replicas', value: '6' },
  ]),
  ...[0, 1].map((index) => ({
    object: `VirtualService ${cluster.namespace}/${cluster.traffic.name}`,
    path: `/spec/http/0/route/${index}/weight`,
    value: '0',
  })),
]

describe('docs/gitops.md', () => {
  it.each([
    ['ARGO', argoCdText(cluster, [])],
    ['FLUX', fluxText(cluster, [])],
    ['HELM', helmText(cluster, [], changes)],
  ])('holds the text of %s for the shipped configuration', (mark, text) => {
    const file = 'docs/gitops.md'
    if (process.env.UPDATE === '1')
      writeFileSync(
        file,
        readFileSync(file, 'utf8').replace(`%${mark}%`, () => text),
      )
    expect(readFileSync(file, 'utf8')).toContain(`\`\`\`yaml\n${text}\n\`\`\``)
  })
})

describe('the texts', () => {
  it('are YAML that names the three objects, and of them only image, size and weights', () => {
    const { ignoreDifferences, syncPolicy } = parse(argoCdText(cluster, []))
    expect(ignoreDifferences.map(({ kind, name }: { kind: string; name: string }) => [kind, name])).toEqual([
      ['Deployment', cluster.tracks.blue.deployment],
      ['Deployment', cluster.tracks.green.deployment],
      ['VirtualService', cluster.traffic.name],
    ])
    expect(ignoreDifferences[0].jqPathExpressions).toEqual([
      '.spec.template.spec.containers[] | select(.name == "claude-enhancer") | .image',
    ])
    expect(ignoreDifferences[2].jqPathExpressions).toEqual([
      '.spec.http[] | select(.name == "primary") | .route[].weight',
    ])
    expect(syncPolicy.syncOptions).toEqual(['RespectIgnoreDifferences=true'])
    expect(parse(helmText(cluster, [], changes)).driftDetection.ignore).toEqual([
      ...[cluster.tracks.blue.deployment, cluster.tracks.green.deployment].map((name) => ({
        paths: ['/spec/template/spec/containers/0/image', '/spec/replicas'],
        target: { kind: 'Deployment', name: `^${name}$` },
      })),
      {
        paths: ['/spec/http/0/route/0/weight', '/spec/http/0/route/1/weight'],
        target: { kind: 'VirtualService', name: `^${cluster.traffic.name}$` },
      },
    ])
  })

  it('name the autoscalers of the tracks, and of them only the minimum', () => {
    const [, , , scaler] = parse(argoCdText(cluster, ['blue-cpu'])).ignoreDifferences
    const { namespace } = cluster
    const [group, kind] = ['autoscaling', 'HorizontalPodAutoscaler']
    expect(scaler).toEqual({ group, kind, name: 'blue-cpu', namespace, jsonPointers: ['/spec/minReplicas'] })
    const target = { kind, name: '^blue-cpu$' }
    expect(parse(fluxText(cluster, ['blue-cpu'])).patches[3].target).toEqual(target)
    const [, , , rule] = parse(helmText(cluster, ['blue-cpu'], changes)).driftDetection.ignore
    expect(rule).toEqual({ paths: ['/spec/minReplicas'], target })
  })

  it('fit an HTTPRoute, and a route without a name', () => {
    const config: ClusterConfig = { ...cluster, traffic: { kind: 'http-route', name: 'shop' } }
    const [, , route] = parse(argoCdText(config, [])).ignoreDifferences
    expect(route).toMatchObject({ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'shop' })
    expect(route.jqPathExpressions).toEqual(['.spec.rules[] | .backendRefs[].weight'])
    const [, , patch] = parse(fluxText(config, [])).patches
    expect(patch.target).toEqual({ kind: 'HTTPRoute', name: '^shop$' })
    expect(parse(patch.patch)).toEqual([
      { op: 'add', path: '/metadata/annotations/kustomize.toolkit.fluxcd.io~1ssa', value: 'IfNotPresent' },
    ])
  })

  it('stay YAML and jq whatever the route is called', () => {
    const route = `it's "a" \\ route`
    const config: ClusterConfig = { ...cluster, traffic: { ...cluster.traffic, route } }
    const [, , { jqPathExpressions }] = parse(argoCdText(config, [])).ignoreDifferences
    expect(jqPathExpressions).toEqual([`.spec.http[] | select(.name == ${JSON.stringify(route)}) | .route[].weight`])
  })
})
