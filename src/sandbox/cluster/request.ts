import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import { badRequest, patchRejected, unsupportedMediaType } from './api-status.ts'
import { isJsonObject, type Json, type JsonObject } from './json.ts'
import { applyJsonPatch, PatchFailed } from './json-patch.ts'
import { applyMergePatch } from './merge-patch.ts'
import { apiVersionOf, type Resource, resources } from './resources.ts'
import type { Key } from './store.ts'

/** Which object or list a path means. */
export interface Target {
  readonly resource: Resource
  /** `name` is empty for a list. */
  readonly key: Key
  readonly subresource: string
}

/** Reads a path such as `/apis/apps/v1/namespaces/shop/deployments/web/status`. Null when nothing is served there. */
export function targetOf(path: string): Target | null {
  const match = /^\/(?:api|apis\/([^/]+))\/([^/]+)\/(.+)$/.exec(path)
  if (!match) return null
  const [, group = '', version, tail = ''] = match
  const rest = tail.split('/').map(decodeURIComponent)
  const inNamespace = rest[0] === 'namespaces' && rest.length > 2
  const [plural, name = '', subresource = ''] = inNamespace ? rest.slice(2) : rest
  const resource = resources.find((one) => one.group === group && one.version === version && one.plural === plural)
  if (!resource) return null
  const namespace = inNamespace ? (rest[1] ?? '') : ''
  return { resource, key: { plural: resource.plural, namespace, name }, subresource }
}

/** The verb of RBAC for a request. */
export function verbOf(method: string, name: string, watching: boolean): string | undefined {
  if (method === 'GET') return name !== '' ? 'get' : watching ? 'watch' : 'list'
  const verbs: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }
  return verbs[method]
}

async function readBody(request: IncomingMessage): Promise<Json> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(z.instanceof(Buffer).parse(chunk))
  try {
    return z.json().parse(JSON.parse(Buffer.concat(chunks).toString('utf8')))
  } catch (cause) {
    throw badRequest(cause instanceof SyntaxError ? cause.message : 'not JSON')
  }
}

export async function readObject(request: IncomingMessage): Promise<JsonObject> {
  const body = await readBody(request)
  if (!isJsonObject(body)) throw badRequest('not an object')
  return body
}

/** The change that a PATCH request asks for, by its content type. */
export async function readPatch(request: IncomingMessage): Promise<(present: JsonObject) => JsonObject> {
  const type = request.headers['content-type']?.split(';')[0]
  if (type === 'application/merge-patch+json') {
    const patch = await readObject(request)
    return (present) => applyMergePatch(present, patch)
  }
  if (type !== 'application/json-patch+json') throw unsupportedMediaType()
  const patch = await readBody(request)
  return (present) => {
    try {
      return applyJsonPatch(present, patch)
    } catch (error) {
      throw error instanceof PatchFailed ? patchRejected() : error
    }
  }
}

/** The API's own lists of what it serves, for clients such as kubectl that ask first. */
export function discovery(path: string): JsonObject | undefined {
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'] }
  const groups = [...new Set(resources.map(({ group }) => group))].filter((group) => group !== '').map(groupOf)
  if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups }
  const served = resources.filter((resource) => rootOf(resource) === path)
  const [first] = served
  if (!first) return undefined
  const list = { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersionOf(first) }
  return { ...list, resources: served.map(listed) }
}

/** Where the kinds of a group and version are: `/api/v1` or `/apis/apps/v1`. */
function rootOf(resource: Resource): string {
  return `${resource.group === '' ? '/api' : '/apis'}/${apiVersionOf(resource)}`
}

function groupOf(name: string): JsonObject {
  const versions = [...new Set(resources.filter(({ group }) => group === name).map(({ version }) => version))]
  const listedVersions = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions: listedVersions, preferredVersion: listedVersions[0] ?? {} }
}

function listed({ plural, kind, namespaced, asked }: Resource): JsonObject {
  const verbs = asked ? ['create'] : ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch']
  return { name: plural, singularName: kind.toLowerCase(), namespaced, kind, verbs }
}
