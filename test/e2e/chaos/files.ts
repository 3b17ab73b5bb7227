import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse, parseDocument, stringify } from 'yaml'
import { z } from 'zod'
import { readManifests } from '../../../src/sandbox/cluster/manifests.ts'

const here = fileURLToPath(new URL('.', import.meta.url))

/** The configuration and the manifests of a world in a namespace of its own, as files in `dir`. */
export async function writeFiles(dir: string, namespace: string) {
  const config = join(dir, 'config.yaml')
  const document = parseDocument(await readFile(join(here, 'deployment-config.yaml'), 'utf8'))
  document.setIn(['cluster', 'namespace'], namespace)
  await writeFile(config, document.toString({ lineWidth: 0 }))

  const manifests = join(dir, 'service.yaml')
  const objects = await Promise.all(
    ['service', 'virtual-service'].map((name) => readManifests(`k8s/${name}.yaml`, namespace)),
  )
  await writeFile(
    manifests,
    objects
      .flat()
      .map((object) => stringify(object))
      .join('---\n'),
  )
  return { config, manifests: [manifests] }
}

const kubeconfigSchema = z.looseObject({
  clusters: z.array(z.looseObject({ cluster: z.looseObject({ server: z.string() }) })),
})

/** Port of the API server that a kubeconfig leads to. */
export async function portOfKubeconfig(file: string): Promise<number> {
  const { clusters } = kubeconfigSchema.parse(parse(await readFile(file, 'utf8')))
  return Number(new URL(clusters[0]?.cluster.server ?? '').port)
}

/** A copy of a kubeconfig that leads to another port of this machine. */
export async function kubeconfigTo(port: number, from: string, file: string): Promise<string> {
  const given = kubeconfigSchema.parse(parse(await readFile(from, 'utf8')))
  const clusters = given.clusters.map((one) => {
    const server = new URL(one.cluster.server)
    server.hostname = '127.0.0.1'
    server.port = String(port)
    return { ...one, cluster: { ...one.cluster, server: server.origin } }
  })
  await writeFile(file, stringify({ ...given, clusters }), { mode: 0o600 })
  return file
}
