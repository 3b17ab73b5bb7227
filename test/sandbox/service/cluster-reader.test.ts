import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parseConfig } from '../../../src/config/load.ts'
import { readManifests } from '../../../src/sandbox/cluster/manifests.ts'
import { startCluster } from '../../../src/sandbox/cluster/start-cluster.ts'
import { clusterReader } from '../../../src/sandbox/service/cluster-reader.ts'
import { withHttpRoute } from '../../../src/sandbox/with-http-route.ts'

const shipped = await readFile('deployment-config.yaml', 'utf8')

it.each([
  ['virtual-service', 'virtualservices', shipped],
  ['http-route', 'httproutes', withHttpRoute(shipped)],
] as const)('the service reads its shares from a %s', async (kind, plural, text) => {
  const { cluster } = parseConfig(text, 'f')
  const files = await Promise.all(['service', kind].map((name) => readManifests(`k8s/${name}.yaml`)))
  const standIn = await startCluster({ objects: files.flat() })
  const dir = await mkdtemp(join(tmpdir(), 'slipway-reader-'))
  const kubeconfig = join(dir, 'kubeconfig')
  await writeFile(kubeconfig, standIn.adminKubeconfigYaml)
  const reader = await clusterReader(kubeconfig, cluster)
  try {
    expect(reader.last().weights).toEqual({ blue: 100, green: 0 })
    const entries = (weights: readonly number[]) =>
      (['blue', 'green'] as const).map((track, index) => {
        const { host, subset } = cluster.tracks[track].destination
        const weight = weights[index] ?? 0
        return subset === undefined ? { name: host, port: 80, weight } : { destination: { host, subset }, weight }
      })
    const spec =
      kind === 'http-route'
        ? { rules: [{ name: 'primary', backendRefs: entries([80, 20]) }] }
        : { http: [{ name: 'primary', route: entries([80, 20]) }] }
    standIn.patch(plural, cluster.namespace, cluster.traffic.name, { spec })
    await expect.poll(() => reader.last().weights).toEqual({ blue: 80, green: 20 })
  } finally {
    reader.close()
    await standIn.close()
    await rm(dir, { recursive: true })
  }
})
