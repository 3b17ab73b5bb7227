import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { readManifests } from '../../src/sandbox/cluster/manifests.ts'
import { metadataOf } from '../../src/sandbox/cluster/metadata.ts'

const named = async (file: string, kind: string) =>
  (await readManifests(file)).filter((object) => object.kind === kind).map((object) => metadataOf(object).name)

describe('the manifests', () => {
  it('hold what the shipped configuration names', async () => {
    const { cluster, image } = await loadConfig('deployment-config.yaml')
    const { tracks, traffic, namespace, container } = cluster
    const file = 'k8s/service.yaml'
    expect(await named(file, 'Namespace')).toEqual([namespace])
    expect(await named(file, 'Deployment')).toEqual([tracks.blue.deployment, tracks.green.deployment])
    const objects = await readManifests(file)
    const split = 'k8s/virtual-service.yaml'
    expect(await named(split, 'VirtualService')).toEqual([traffic.name])
    const [virtualService] = (await readManifests(split)).filter(({ kind }) => kind === 'VirtualService')
    const route = [tracks.blue, tracks.green].map(({ destination }) => ({ destination }))
    expect(virtualService?.spec).toMatchObject({ http: [{ name: traffic.route, route }] })
    for (const deployment of objects.filter(({ kind }) => kind === 'Deployment')) {
      const pod = { spec: { containers: [{ name: container, image: image.replace('{version}', '5.0.0') }] } }
      expect(deployment.spec).toMatchObject({ template: pod })
    }
  })

  it('grant Slipway the objects of the shipped configuration and no others', async () => {
    const { cluster } = await loadConfig('deployment-config.yaml')
    const [role] = (await readManifests('k8s/slipway-rbac.yaml')).filter(({ kind }) => kind === 'Role')
    expect(role?.rules).toEqual([
      {
        apiGroups: ['apps'],
        resources: ['deployments'],
        resourceNames: [cluster.tracks.blue.deployment, cluster.tracks.green.deployment],
        verbs: ['get', 'patch'],
      },
      {
        apiGroups: ['networking.istio.io'],
        resources: ['virtualservices'],
        resourceNames: [cluster.traffic.name],
        verbs: ['get', 'patch'],
      },
      { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
    ])
  })

  it('keep Redis from losing or forgetting anything', async () => {
    const text = await readFile('k8s/redis.yaml', 'utf8')
    expect(text).toMatch(/--appendonly, "yes", --appendfsync, always, --maxmemory-policy, noeviction/)
  })
})
