import { readFile, writeFile } from 'node:fs/promises'
import { parse, stringify } from 'yaml'
import { z } from 'zod'

const schema = z.looseObject({
  clusters: z.array(z.looseObject({ cluster: z.looseObject({ server: z.string() }) })),
})

/** Port of the API server that a kubeconfig leads to. */
export async function portOfKubeconfig(file: string): Promise<number> {
  const { clusters } = schema.parse(parse(await readFile(file, 'utf8')))
  return Number(new URL(clusters[0]?.cluster.server ?? '').port)
}

/** Writes a copy of the kubeconfig `from` that leads to another port of this machine, and returns its name. */
export async function kubeconfigTo(port: number, from: string, file: string): Promise<string> {
  const given = schema.parse(parse(await readFile(from, 'utf8')))
  const clusters = given.clusters.map((one) => {
    const server = new URL(one.cluster.server)
    server.hostname = '127.0.0.1'
    server.port = String(port)
    return { ...one, cluster: { ...one.cluster, server: server.origin } }
  })
  await writeFile(file, stringify({ ...given, clusters }), { mode: 0o600 })
  return file
}
