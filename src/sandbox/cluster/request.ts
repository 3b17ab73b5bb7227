import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import { badRequest, patchRejected, unsupportedMediaType } from './api-status.ts'
import { isJsonObject, type Json, type JsonObject } from './json.ts'
import { applyJsonPatch, PatchFailed } from './json-patch.ts'
import { applyMergePatch } from './merge-patch.ts'
import { type Resource, resources } from './resources.ts'
import type { Key } from './store.ts'

/** Which object or list a path means. */
export interface Target {
  readonly resource: (typeof resources)[number]
  /** `name` is empty for a list. */
  readonly key: Key
  readonly subresource: string
}

/** Reads a path such as `/apis/apps/v1/namespaces/shop/deployments/web/status`. Null when nothing is served there. */
export function targetOf(path: string): Target | null {
  const match = /^\/(?:api|apis\/([^/]+))\/v1\/(.+)$/.exec(path)
  if (!match) return null
  const group = match[1] ?? ''
  const rest = (match[2] ?? '').split('/').map(decodeURIComponent)
  const inNamespace = rest[0] === 'namespaces' && rest.length > 2
  const [plural, name = '', subresource = ''] = inNamespace ? rest.slice(2) : rest
  const resource = resources.find((one) => one.group === group && one.plural === plural)
  if (!resource) return null
  const namespace = inNamespace ? (rest[1] ?? '') : ''
  return { resource, key: { plural: resource.plural, namespace, name }, subresource }
}

/** The verb of RBAC for a request. */
export function verbOf(method: string, name: string): string | undefined {
  if (method === 'GET') return name === '' ? 'list' : 'get'
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
  const groups = [...new Set(resources.map(({ group }) => group))].filter((group) => group !== '')
  const version = (group: string): JsonObject => ({ groupVersion: `${group}/v1`, version: 'v1' })
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'] }
  if (path === '/apis') {
    const list = groups.map((name) => ({ name, versions: [version(name)], preferredVersion: version(name) }))
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: list }
  }
  const match = /^\/(?:api|apis\/([^/]+))\/v1$/.exec(path)
  const served = match ? resources.filter(({ group }) => group === (match[1] ?? '')) : []
  if (served.length === 0) return undefined
  const groupVersion = match?.[1] === undefined ? 'v1' : `${match[1]}/v1`
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: served.map(listed) }
}

function listed({ plural, kind, namespaced }: Resource): JsonObject {
  const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update']
  return { name: plural, singularName: kind.toLowerCase(), namespaced, kind, verbs }
}
