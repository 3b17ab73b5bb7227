import {
  ApiException,
  createConfiguration,
  HttpMethod,
  type KubeConfig,
  ServerConfiguration,
} from '@kubernetes/client-node'
import { SlipwayError } from '../errors.ts'
import { createCall } from './call.ts'
import { createConnection } from './connection.ts'

/** Reads of any path of the API server, for what no rollout needs. Errors are those of the table (`cluster-…`). */
export interface Inspector {
  readonly namespace: string
  /** The body of a GET; `what` is what words call it. With `metadata` objects come without their content. */
  get(what: string, path: string, only?: 'metadata'): Promise<unknown>
  /** The body of the answer to a POST: reviews, which create nothing. */
  review(what: string, path: string, body: object): Promise<unknown>
}

export interface InspectorOptions {
  readonly kubeConfig: KubeConfig
  readonly namespace: string
  /** Time limit of one call, in ms. */
  readonly timeout: number
}

/** With this the API server leaves everything but the metadata out: the values of a Secret never leave it. */
const metadataOnly = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1'

export function createInspector({ kubeConfig, namespace, timeout }: InspectorOptions): Inspector {
  const cluster = kubeConfig.getCurrentCluster()
  if (!cluster) throw new SlipwayError('cluster-not-found', { what: 'The cluster of the current kubeconfig context' })
  const connection = createConnection(kubeConfig, timeout)
  const call = createCall(connection)
  const { baseServer, httpApi } = createConfiguration({ baseServer: new ServerConfiguration(cluster.server, {}) })

  async function send(path: string, accept: string, body?: object): Promise<unknown> {
    const method = body === undefined ? HttpMethod.GET : HttpMethod.POST
    const request = baseServer.makeRequestContext(path, method)
    request.setHeaderParam('Accept', accept)
    if (body !== undefined) {
      request.setHeaderParam('Content-Type', 'application/json')
      request.setBody(JSON.stringify(body))
    }
    await kubeConfig.applySecurityAuthentication(request)
    const answer = await httpApi.send(await connection.middleware.pre(request)).toPromise()
    const text = await answer.body.text()
    const { httpStatusCode: status, headers } = answer
    if (status >= 300) throw new ApiException(status, 'refused', text, headers)
    return parsed(text)
  }

  return {
    namespace,
    get: (what, path, only) =>
      call.read(what, () => send(path, only === undefined ? 'application/json' : metadataOnly)),
    review: (what, path, body) => call.read(what, () => send(path, 'application/json', body)),
  }
}

/** What is no JSON is passed on as text: whoever asked finds it unreadable. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
