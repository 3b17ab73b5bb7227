import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { ZodError } from 'zod'
import { ApiStatus, badRequest, forbidden, methodNotAllowed, unauthorized } from './api-status.ts'
import type { JsonObject } from './json.ts'
import { metadataOf } from './metadata.ts'
import { terminate } from './pod-objects.ts'
import { discovery, readObject, readPatch, type Target, targetOf, verbOf } from './request.ts'
import { apiVersionOf, type Plural } from './resources.ts'
import type { Store } from './store.ts'

/** What the user of a token may not do. */
export interface Forbidden {
  readonly verb: string
  readonly plural: Plural
}

export interface ApiServerOptions {
  readonly store: Store
  /** User names by bearer token. */
  readonly users: ReadonlyMap<string, string>
  isForbidden(user: string, wanted: Forbidden): boolean
}

/** Serves the store the way the Kubernetes API does, on loopback. Port 0 takes a free one. */
export async function listen(options: ApiServerOptions, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    answer(options, request).then(
      ({ code, body }) => send(response, code, body),
      (error: unknown) => {
        const status = asStatus(error)
        send(response, status.code, status.body())
      },
    )
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

function asStatus(error: unknown): ApiStatus {
  if (error instanceof ApiStatus) return error
  if (error instanceof ZodError) return badRequest(error.message)
  return new ApiStatus(500, 'InternalError', error instanceof Error ? error.message : 'unknown')
}

function send(response: ServerResponse, code: number, body: JsonObject | string): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json'
  response.writeHead(code, { 'content-type': type, 'content-length': Buffer.byteLength(text) }).end(text)
}

type Answer = { readonly code: number; readonly body: JsonObject | string }

async function answer(options: ApiServerOptions, request: IncomingMessage): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (['/healthz', '/livez', '/readyz'].includes(url.pathname)) return { code: 200, body: 'ok' }
  const user = userOf(options.users, request.headers.authorization)
  if (user === undefined) throw unauthorized()
  const offered = discovery(url.pathname)
  if (offered) return { code: 200, body: offered }
  const target = targetOf(url.pathname)
  if (!target) return { code: 404, body: '404 page not found\n' }
  const { resource, key } = target
  const verb = verbOf(request.method ?? '', key.name)
  if (verb === undefined) throw methodNotAllowed()
  if (options.isForbidden(user, { verb, plural: key.plural })) {
    throw forbidden(resource, key.name, user, verb, key.namespace)
  }
  if (url.searchParams.get('watch') === 'true') throw badRequest('watching is not served here')
  const manager = url.searchParams.get('fieldManager') ?? request.headers['user-agent']?.split('/')[0] ?? 'unknown'
  return serve(options.store, target, verb, request, url.searchParams.get('labelSelector') ?? '', manager)
}

/** Without a token somebody is anonymous, which is no obstacle here: kubectl sends none over plain HTTP. */
function userOf(users: ReadonlyMap<string, string>, authorization: string | undefined): string | undefined {
  if (authorization === undefined) return 'system:anonymous'
  return users.get(/^Bearer (.+)$/.exec(authorization)?.[1] ?? '')
}

async function serve(
  store: Store,
  { resource, key, subresource }: Target,
  verb: string,
  request: IncomingMessage,
  selector: string,
  manager: string,
): Promise<Answer> {
  const part = subresource === 'status' ? 'status' : 'object'
  if (subresource !== '' && part !== 'status') return { code: 404, body: '404 page not found\n' }
  switch (verb) {
    case 'get':
      return { code: 200, body: store.read(key) }
    case 'list': {
      const { items, version } = store.list(key.plural, key.namespace, selector)
      const metadata = { resourceVersion: version }
      return { code: 200, body: { kind: `${resource.kind}List`, apiVersion: apiVersionOf(resource), metadata, items } }
    }
    case 'create':
      return { code: 201, body: store.create(key.plural, key.namespace, await readObject(request), manager) }
    case 'update': {
      const object = await readObject(request)
      return { code: 200, body: store.update(key, part, manager, () => object) }
    }
    case 'patch': {
      const change = await readPatch(request)
      return { code: 200, body: store.update(key, part, manager, change) }
    }
    default:
      return { code: 200, body: remove(store, { resource, key, subresource }) }
  }
}

function remove(store: Store, { key }: Target): JsonObject {
  if (key.plural === 'pods') return terminate(store, key)
  const { name, uid } = metadataOf(store.remove(key))
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: { name, kind: key.plural, uid } }
}
