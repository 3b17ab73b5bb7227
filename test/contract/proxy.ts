import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { z } from 'zod'
import type { Api } from './api.ts'

/** What becomes of a request: passed on, never answered, cut off before or after it was carried out, or refused with a status. */
export type Fate = 'pass' | 'hang' | 'cut' | 'cut-after' | number | Throttled

/** Told to come back after so many seconds. */
export interface Throttled {
  readonly status: 429
  readonly retryAfter: number
}

/** Decides a request's fate, and may do something itself before it is passed on. */
export type Hook = (method: string, path: string) => Promise<Fate> | Fate

/** Stands between the adapter and the API server, so that a test can interfere at an exact moment. */
export interface Interceptor {
  readonly url: string
  /** All requests so far: `PATCH /apis/…`, without the query. */
  readonly requests: readonly string[]
  /** How many connections were opened to it so far. */
  connections(): number
  /** Replaces the hook; without one everything passes. */
  intercept(hook?: Hook): void
  close(): Promise<void>
}

const method = z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])

export async function startProxy(upstream: Api): Promise<Interceptor> {
  const requests: string[] = []
  let hook: Hook = () => 'pass'
  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy())
  })
  let connections = 0
  server.on('connection', () => {
    connections += 1
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = z.object({ port: z.int() }).parse(server.address())

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/'
    const bare = path.split('?')[0] ?? path
    const verb = method.parse(request.method)
    requests.push(`${verb} ${bare}`)
    const body = Buffer.concat(await request.toArray())
    const fate = await hook(verb, bare)
    if (fate === 'hang') return
    if (fate === 'cut') {
      request.socket.destroy()
      return
    }
    if (typeof fate === 'number') {
      response.writeHead(fate, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code: fate }))
      return
    }
    if (typeof fate === 'object') {
      // In these words the API server turns calls away: text, no Status.
      response.writeHead(fate.status, {
        'content-type': 'text/plain; charset=utf-8',
        'retry-after': String(fate.retryAfter),
      })
      response.end('Too many requests, please try again later.\n')
      return
    }
    const { 'content-type': type = 'application/json', 'user-agent': agent = '' } = request.headers
    const answer = await upstream.forward(verb, path, { 'content-type': type, 'user-agent': agent }, body)
    const text = await answer.body.text()
    if (fate === 'cut-after') {
      request.socket.destroy()
      return
    }
    const given = String(answer.headers['content-type'] ?? 'application/json')
    response.writeHead(answer.statusCode, { 'content-type': given }).end(text)
  }

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    connections: () => connections,
    intercept(next = () => 'pass') {
      hook = next
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
