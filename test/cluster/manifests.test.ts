import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { loadConfig, parseConfig } from '../../src/config/load.ts'
import { readManifests } from '../../src/sandbox/cluster/manifests.ts'
import { metadataOf } from '../../src/sandbox/cluster/metadata.ts'
import { withHttpRoute } from '../../src/sandbox/with-http-route.ts'

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

  it.each([
    ['k8s/slipway-rbac.yaml', ['get', 'patch']],
    ['k8s/slipway-observe-rbac.yaml', ['get']],
  ])('grant Slipway the objects of the shipped configuration and no others (%s)', async (file, verbs) => {
    const { cluster } = await loadConfig('deployment-config.yaml')
    const [role] = (await readManifests(file)).filter(({ kind }) => kind === 'Role')
    expect(role?.rules).toEqual([
      {
        apiGroups: ['apps'],
        resources: ['deployments'],
        resourceNames: [cluster.tracks.blue.deployment, cluster.tracks.green.deployment],
        verbs,
      },
      {
        apiGroups: ['networking.istio.io'],
        resources: ['virtualservices'],
        resourceNames: [cluster.traffic.name],
        verbs,
      },
      {
        apiGroups: [''],
        resources: ['services'],
        resourceNames: [cluster.tracks.blue.destination.host],
        verbs: ['get'],
      },
      { apiGroups: ['networking.istio.io'], resources: ['destinationrules'], verbs: ['list'] },
      { apiGroups: ['argoproj.io'], resources: ['rollouts'], verbs: ['list'] },
      { apiGroups: ['flagger.app'], resources: ['canaries'], verbs: ['list'] },
      { apiGroups: [''], resources: ['pods', 'resourcequotas'], verbs: ['list'] },
      { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
      { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: ['list'] },
      { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: ['list'] },
      ...(verbs.includes('patch')
        ? [
            {
              apiGroups: ['autoscaling'],
              resources: ['horizontalpodautoscalers'],
              resourceNames: [cluster.tracks.blue.deployment, cluster.tracks.green.deployment],
              verbs: ['patch'],
            },
          ]
        : []),
    ])
  })

  it('split the traffic by an HTTPRoute as the sandbox configures it, with a Role for it', async () => {
    const text = withHttpRoute(await readFile('deployment-config.yaml', 'utf8'))
    const { tracks, traffic } = parseConfig(text, 'f').cluster
    const file = 'k8s/http-route.yaml'
    const hosts = [tracks.blue.destination.host, tracks.green.destination.host]
    expect(traffic.kind).toBe('http-route')
    expect(await named(file, 'Service')).toEqual(hosts)
    expect(await named(file, 'HTTPRoute')).toEqual([traffic.name])
    const [route] = (await readManifests(file)).filter(({ kind }) => kind === 'HTTPRoute')
    const backendRefs = hosts.map((name, index) => ({ name, weight: index === 0 ? 100 : 0 }))
    expect(route?.spec).toMatchObject({ rules: [{ name: traffic.route, backendRefs }] })
    const roles = [
      ['k8s/slipway-rbac-http-route.yaml', ['get', 'patch']],
      ['k8s/slipway-observe-rbac-http-route.yaml', ['get']],
    ] as const
    for (const [name, verbs] of roles) {
      const [role] = (await readManifests(name)).filter(({ kind }) => kind === 'Role')
      expect(role?.rules).toEqual([
        { apiGroups: ['gateway.networking.k8s.io'], resources: ['httproutes'], resourceNames: [traffic.name], verbs },
        { apiGroups: [''], resources: ['services'], resourceNames: hosts, verbs: ['get'] },
      ])
    }
  })

  it('give Slipway time to stop, its secrets, and no variables of the Services beside it', async () => {
    const text = await readFile('k8s/slipway.yaml', 'utf8')
    expect(text).not.toContain('secretKeyRef')
    const [deployment] = (await readManifests('k8s/slipway.yaml')).filter(({ kind }) => kind === 'Deployment')
    const container = { env: expect.anything(), envFrom: [{ secretRef: { name: 'slipway' } }] }
    const spec = { enableServiceLinks: false, serviceAccountName: 'slipway', containers: [container] }
    expect(deployment?.spec).toMatchObject({ template: { spec } })
    const grace = Number(/terminationGracePeriodSeconds: (\d+)/.exec(text)?.[1])
    const stops = Number(/ends within (\d+) s/.exec(await readFile('docs/operations.md', 'utf8'))?.[1])
    expect(grace).toBeGreaterThan(stops)
  })

  it('give Slipway the address of Redis from its Secret alone, and both the same password', async () => {
    const [slipway, redis] = await Promise.all(['slipway', 'redis'].map((name) => readFile(`k8s/${name}.yaml`, 'utf8')))
    const [deployment] = (await readManifests('k8s/slipway.yaml')).filter(({ kind }) => kind === 'Deployment')
    // A variable of `env` wins over one of the same name from `envFrom`.
    expect(JSON.stringify(deployment)).not.toContain('SLIPWAY_REDIS_URL')
    expect(slipway).toContain('SLIPWAY_REDIS_URL is redis://:<password>@slipway-redis:6379')
    const made = /create secret generic (\S+) --from-literal=(\w+)=/.exec(redis ?? '')
    expect(redis).toContain(`secretKeyRef: { name: ${made?.[1]}, key: ${made?.[2]} }`)
    expect(await named('k8s/redis.yaml', 'Service')).toEqual(['slipway-redis'])
  })

  it('let alerts reach Slipway, and keep its pods, while Slack is away and none of them is ready', async () => {
    const objects = await readManifests('k8s/slipway.yaml')
    const specOf = (wanted: string) => objects.find(({ kind }) => kind === wanted)?.spec
    expect(specOf('Service')).toMatchObject({ publishNotReadyAddresses: true })
    expect(specOf('Deployment')).toMatchObject({ strategy: { rollingUpdate: { maxUnavailable: 0 } } })
    expect(specOf('PodDisruptionBudget')).not.toHaveProperty('unhealthyPodEvictionPolicy')
  })

  it('keep the sidecar of the service for as long as a pod may take to leave', async () => {
    const text = await readFile('k8s/service.yaml', 'utf8')
    const seconds = (pattern: RegExp) => [...text.matchAll(pattern)].map((match) => Number(match[1]))
    const graces = seconds(/terminationGracePeriodSeconds: (\d+)/g)
    const drains = seconds(/proxy\.istio\.io\/config: '{ "terminationDrainDuration": "(\d+)s" }'/g)
    const pauses = seconds(/command: \[sleep, "(\d+)"\]/g)
    expect(drains).toHaveLength(2)
    for (const [index, drain] of drains.entries()) {
      expect(drain).toBeGreaterThan(pauses[index] ?? 0)
      expect(drain).toBeLessThan(graces[index] ?? 0)
    }
  })

  it('keep Redis from losing or forgetting anything', async () => {
    const text = await readFile('k8s/redis.yaml', 'utf8')
    expect(text).toMatch(/--appendonly, "yes", --appendfsync, always\]/)
    const [most, limit] = [/--maxmemory-policy, noeviction, --maxmemory, (\d+)mb,/, /limits: { memory: (\d+)Mi }/].map(
      (pattern) => Number(pattern.exec(text)?.[1]),
    )
    expect(most).toBeLessThan(limit ?? 0)
  })
})
