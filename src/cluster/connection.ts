import type { RequestOptions } from 'node:https'
import type { KubeConfig, Middleware } from '@kubernetes/client-node'
import { Agent, type Dispatcher } from 'undici'

/** One kept-alive pool of connections to the API server, and a time limit for every call over it. */
export interface Connection {
  readonly middleware: Middleware
  /** The next call opens new connections, with certificates read anew. */
  renew(): void
}

/** How long an idle connection is kept, in ms: longer than the pause between two looks at the cluster. */
const keepAliveTimeout = 60_000

/** Every call gets `timeout` ms, its answer's body included. */
export function createConnection(kubeConfig: KubeConfig, timeout: number): Connection {
  let pool: Promise<Dispatcher> | undefined
  return {
    middleware: {
      async pre(request) {
        pool ??= openPool(kubeConfig, request.getDispatcher())
        request.setDispatcher(await pool)
        request.setSignal(AbortSignal.timeout(timeout))
        return request
      },
      async post(response) {
        return response
      },
    },
    renew() {
      // Calls under way finish on the old pool; its idle connections close themselves.
      pool = undefined
    },
  }
}

/** client-node makes a dispatcher for every single call: `offered`. Behind a proxy the first one is kept, else one with longer breath. */
async function openPool(kubeConfig: KubeConfig, offered: Dispatcher | undefined): Promise<Dispatcher> {
  if (offered && kubeConfig.getCurrentCluster()?.proxyUrl) return offered
  const tls: RequestOptions = {}
  await kubeConfig.applyToHTTPSOptions(tls)
  const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = tls
  // HTTP/2 would put all calls on one connection, and a half-dead one would go on swallowing them: an HTTP/1.1 connection
  // is thrown away with the call that timed out on it.
  return new Agent({
    connect: { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername },
    keepAliveTimeout,
    allowH2: false,
  })
}
