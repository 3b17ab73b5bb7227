import { readFile } from 'node:fs/promises'
import { ApiException, KubeConfig, KubernetesObjectApi } from '@kubernetes/client-node'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'

const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().exactOptional() }),
})
type Manifest = z.infer<typeof manifest>

/** A cluster that was there before the sandbox. */
export interface RealCluster {
  readonly url: string
  /** Names what the sandbox had to create there, such as `Deployment claude-enhancer-blue`. */
  readonly created: readonly string[]
  /** Removes what the sandbox created, and nothing else. */
  close(): Promise<void>
}

/**
 * Makes a real cluster ready: creates of the manifests what is missing there.
 * @throws ApiException when the API server refuses, for example because it does not know the route's kind.
 */
export async function prepareRealCluster(kubeconfig: string, manifests: readonly string[]): Promise<RealCluster> {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const api = KubernetesObjectApi.makeApiClient(config)
  const texts = await Promise.all(manifests.map((file) => readFile(file, 'utf8')))
  const wanted = texts
    .flatMap((text) => parseAllDocuments(text))
    .map((document) => document.toJS())
    .filter((content) => content !== null)
    .map((content) => manifest.parse(content))

  const created: Manifest[] = []
  const close = async () => {
    for (const one of created.toReversed()) await api.delete(one).catch(ignoreMissing)
  }
  for (const one of wanted) {
    if (await exists(api, one)) continue
    try {
      await api.create(one)
    } catch (error) {
      await close()
      throw error
    }
    created.push(one)
  }
  return {
    url: config.getCurrentCluster()?.server ?? '',
    created: created.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    close,
  }
}

async function exists(api: KubernetesObjectApi, one: Manifest): Promise<boolean> {
  const { apiVersion, kind, metadata } = one
  const name = { name: metadata.name, ...(metadata.namespace && { namespace: metadata.namespace }) }
  const found = await api.read({ apiVersion, kind, metadata: name }).catch(ignoreMissing)
  return found !== undefined
}

function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof ApiException) || error.code !== 404) throw error
}
