import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { z } from 'zod'
import { type Access, type AccessRule, accessReview, rulesReview } from './access-review.ts'
import { ApiStatus, badRequest, forbidden, methodNotAllowed, unauthorized, unknownResource } from './api-status.ts'
import type { JsonObject } from './json.ts'
import { metadataOf } from './metadata.ts'
import { logOf } from './pod-log.ts'
import { terminate } from './pod-objects.ts'
import { discovery, readObject, readPatch, type Target, targetOf, verbOf } from './request.ts'
import { apiVersionOf } from './resources.ts'
import { fieldSelection, labelSelection, type Selection } from './selectors.ts'
import type { Store } from './store.ts'
import { watch } from './watch.ts'

export interface ApiServerOptions {
  readonly store: Store
  /** User names by bearer token. */
  readonly users: ReadonlyMap<string, string>
  may(user: string, wanted: Access): boolean
  /** Everything that a user may do in a namespace. */
  rules(user: string, namespace: string): readonly AccessRule[]
}

/** Serves the store the way the Kubernetes API does, on loopback. Port 0 takes a free one. */
export async function listen(options: ApiServerOptions, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    answer(options, request, response).then(
      (given) => given && send(response, given.code, given.body),
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
  if (error instanceof z.ZodError) return badRequest(error.message)
  return new ApiStatus(500, 'InternalError', error instanceof Error ? error.message : 'unknown')
}

function send(response: ServerResponse, code: number, body: JsonObject | string): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json'
  response.writeHead(code, { 'content-type': type, 'content-length': Buffer.byteLength(text) }).end(text)
}

interface Answer {
  readonly code: number
  readonly body: JsonObject | string
}

/** A call, as far as its address tells. */
interface Call {
  readonly target: Target
  readonly selected: Selection
  readonly query: URLSearchParams
  readonly manager: string
}

/** Null: the answer is under way, as a stream. */
async function answer(
  options: ApiServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Answer | null> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (['/healthz', '/livez', '/readyz'].includes(url.pathname)) return { code: 200, body: 'ok' }
  if (url.pathname === '/version') return { code: 200, body: { major: '1', minor: '31', gitVersion: 'v1.31.0' } }
  const user = userOf(options.users, request.headers.authorization)
  if (user === undefined) throw unauthorized()
  const offered = discovery(url.pathname)
  if (offered) return { code: 200, body: offered }
  const target = targetOf(url.pathname)
  if (!target) throw unknownResource()
  const { resource, key, subresource } = target
  const query = url.searchParams
  const verb = verbOf(request.method ?? '', key.name, ['true', '1'].includes(query.get('watch') ?? ''))
  if (verb === undefined) throw methodNotAllowed()
  const may = (wanted: Access) => options.may(user, wanted)
  if (resource.asked) {
    if (verb !== 'create') throw methodNotAllowed()
    const asked = await readObject(request)
    const rules = (namespace: string) => options.rules(user, namespace)
    const isRules = resource.plural === 'selfsubjectrulesreviews'
    return { code: 201, body: isRules ? rulesReview(asked, rules) : accessReview(asked, may) }
  }
  const what = subresource === '' ? resource.plural : `${resource.plural}/${subresource}`
  const { namespace, name } = key
  if (!may({ verb, resource: what, group: resource.group, namespace, name })) {
    throw forbidden(resource, { user, verb, what, namespace, name })
  }
  const [byLabel, byField] = [
    labelSelection(query.get('labelSelector') ?? ''),
    fieldSelection(query.get('fieldSelector') ?? '', resource),
  ]
  const call: Call = {
    target,
    query,
    selected: (object) => byLabel(object) && byField(object),
    manager: query.get('fieldManager') ?? request.headers['user-agent']?.split('/')[0] ?? 'unknown',
  }
  return serve(options.store, call, verb, request, response)
}

/** Without a token somebody is anonymous, which is no obstacle here: kubectl sends none over plain HTTP. */
function userOf(users: ReadonlyMap<string, string>, authorization: string | undefined): string | undefined {
  if (authorization === undefined) return 'system:anonymous'
  return users.get(/^Bearer (.+)$/.exec(authorization)?.[1] ?? '')
}

async function serve(
  store: Store,
  call: Call,
  verb: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Answer | null> {
  const { selected, manager, target } = call
  const { resource, key, subresource } = target
  if (subresource !== '') store.read(key)
  if (subresource === 'log' && key.plural === 'pods' && verb === 'get')
    return { code: 200, body: logOf(store.read(key), call.query) }
  const part = subresource === 'status' ? 'status' : 'object'
  if (subresource !== '' && part !== 'status') throw unknownResource()
  switch (verb) {
    case 'get':
      return { code: 200, body: store.read(key) }
    case 'list': {
      const { items, version } = store.list(key.plural, key.namespace)
      const head = { kind: `${resource.kind}List`, apiVersion: apiVersionOf(resource) }
      return {
        code: 200,
        body: { ...head, metadata: { resourceVersion: String(version) }, items: items.filter(selected) },
      }
    }
    case 'watch':
      watch(store, { key, selected, ...watchLimits(call.query) }, response)
      return null
    case 'create': {
      // Only who reports on an object says how it stands.
      const { status: _, ...wanted } = await readObject(request)
      return { code: 201, body: store.create(key.plural, key.namespace, wanted, manager) }
    }
    case 'update': {
      const object = await readObject(request)
      return { code: 200, body: store.update(key, part, manager, () => object) }
    }
    case 'patch': {
      const change = await readPatch(request)
      return { code: 200, body: store.update(key, part, manager, change) }
    }
    default:
      return { code: 200, body: remove(store, target) }
  }
}

function watchLimits(query: URLSearchParams): { readonly from: number | null; readonly limit: number | null } {
  const number = (name: string) =>
    z.coerce
      .number()
      .nonnegative()
      .parse(query.get(name) ?? 0)
  const seconds = number('timeoutSeconds')
  return { from: number('resourceVersion') || null, limit: seconds === 0 ? null : seconds * 1_000 }
}

function remove(store: Store, { key }: Target): JsonObject {
  if (key.plural === 'pods') return terminate(store, key)
  const { name, uid } = metadataOf(store.remove(key))
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: { name, kind: key.plural, uid } }
}
