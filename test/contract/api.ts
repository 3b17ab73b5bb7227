import { KubeConfig, RequestContext } from '@kubernetes/client-node'
import { type Dispatcher, request } from 'undici'
import { type JsonObject, parseJsonObject } from '../../src/sandbox/cluster/json.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface ApiAnswer {
  readonly status: number
  readonly body: JsonObject
}

/** The API server without any library between: what tests prepare and check with. */
export interface Api {
  call(method: Method, path: string, body?: unknown, contentType?: string): Promise<ApiAnswer>
  /** Like `call`, but fails on any other answer than success. */
  must(method: Method, path: string, body?: unknown, contentType?: string): Promise<JsonObject>
  /** Forwards a request as it came. */
  forward(method: Method, path: string, headers: Record<string, string>, body: Buffer): Promise<Dispatcher.ResponseData>
}

export const mergePatch = 'application/merge-patch+json'
export const jsonPatch = 'application/json-patch+json'

export async function createApi(kubeConfig: KubeConfig): Promise<Api> {
  const server = kubeConfig.getCurrentCluster()?.server
  if (server === undefined) throw new Error('The kubeconfig names no cluster')
  const context = new RequestContext(server, 'GET')
  await kubeConfig.applySecurityAuthentication(context)
  const dispatcher = context.getDispatcher()
  const own = context.getHeaders()

  const forward: Api['forward'] = (method, path, headers, body) =>
    request(new URL(path, server), {
      method,
      headers: { ...headers, ...own },
      ...(dispatcher && { dispatcher }),
      ...(body.length > 0 && { body }),
    })
  const call: Api['call'] = async (method, path, body, contentType = 'application/json') => {
    const text = body === undefined ? '' : JSON.stringify(body)
    const headers = { 'content-type': contentType, 'user-agent': 'tester/1' }
    const answer = await forward(method, path, headers, Buffer.from(text))
    return { status: answer.statusCode, body: parseJsonObject(await answer.body.json()) }
  }
  return {
    forward,
    call,
    async must(method, path, body, contentType) {
      const answer = await call(method, path, body, contentType)
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body.message}`)
      return answer.body
    },
  }
}

/** A kubeconfig for a server that asks for no credentials of its own. */
export function plainKubeConfig(server: string, namespace: string): KubeConfig {
  const kubeConfig = new KubeConfig()
  kubeConfig.loadFromOptions({
    clusters: [{ name: 'test', server, skipTLSVerify: true }],
    users: [{ name: 'test' }],
    contexts: [{ name: 'test', cluster: 'test', user: 'test', namespace }],
    currentContext: 'test',
  })
  return kubeConfig
}
