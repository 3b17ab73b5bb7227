import type { V1PodTemplateSpec } from '@kubernetes/client-node'
import { describe, expect, it } from 'vitest'
import { readDeployment } from '../../src/cluster/deployment.ts'
import { templateDifferences } from '../../src/cluster/template-differences.ts'

const tracks = {
  blue: { deployment: 'shop-a', destination: { host: 'shop', subset: 'v1' } },
  green: { deployment: 'shop-b', destination: { host: 'shop', subset: 'v2' } },
}
const template = (image: string, changes: V1PodTemplateSpec = {}): V1PodTemplateSpec => ({
  metadata: { labels: { app: 'shop' }, ...changes.metadata },
  spec: {
    containers: [
      { name: 'sidecar', image: 's:1' },
      { name: 'app', image },
    ],
    ...changes.spec,
  },
})
const deployment = (name: string, pods: V1PodTemplateSpec) =>
  readDeployment(
    { metadata: { name, namespace: 'market', resourceVersion: '1' }, spec: { selector: {}, template: pods } },
    'app',
  )
const differences = (blue: V1PodTemplateSpec, green: V1PodTemplateSpec) =>
  templateDifferences(deployment('shop-a', blue), deployment('shop-b', green), tracks)

describe('templateDifferences', () => {
  it('ignores the released image, the tracks’ own names and a restart', () => {
    const named = (track: string, name: string, subset: string, at: string): V1PodTemplateSpec => {
      const labels = { app: 'shop', track, name, version: subset }
      const annotations = { 'kubectl.kubernetes.io/restartedAt': at }
      const constraint = { maxSkew: 1, topologyKey: 'host', whenUnsatisfiable: 'ScheduleAnyway' }
      const topologySpreadConstraints = [{ ...constraint, labelSelector: { matchLabels: { track } } }]
      const containers = [
        { name: 'sidecar', image: 's:1' },
        { name: 'app', image: name },
      ]
      return { metadata: { labels, annotations }, spec: { containers, topologySpreadConstraints } }
    }
    expect(differences(named('blue', 'shop-a', 'v1', 'now'), named('green', 'shop-b', 'v2', 'then'))).toEqual([])
  })

  it('tells everything else, by where it stands', () => {
    const sidecar = { name: 'sidecar', image: 's:2' }
    const app = { name: 'app', image: '2', env: [{ name: 'A', value: '1' }] }
    const green = template('2', {
      metadata: { labels: { app: 'shop', 'a/b': 'x' } },
      spec: { containers: [sidecar, app], hostNetwork: true },
    })
    expect([...differences(template('1'), green)].sort()).toEqual([
      '/metadata/labels/a~1b',
      '/spec/containers/0/image',
      '/spec/containers/1/env',
      '/spec/hostNetwork',
    ])
  })

  it('does not take a name for the track’s own when it is swapped, or stands elsewhere', () => {
    const swapped = (track: string) => template('1', { metadata: { labels: { app: 'shop', track } } })
    expect(differences(swapped('green'), swapped('blue'))).toEqual(['/metadata/labels/track'])
    const inEnv = (value: string) =>
      template('1', { spec: { containers: [{ name: 'app', image: '1', env: [{ name: 'TRACK', value }] }] } })
    expect(differences(inEnv('blue'), inEnv('green'))).toEqual(['/spec/containers/0/env/0/value'])
  })
})

describe('readDeployment', () => {
  it('wants the configured container', () => {
    const pods: V1PodTemplateSpec = { spec: { containers: [{ name: 'other' }] } }
    expect(() => deployment('shop-a', pods)).toThrow('Container app of Deployment market/shop-a')
  })
})
