import type { JsonObject } from './json.ts'
import { qualifiedName, type Resource } from './resources.ts'

/** An answer that isn't an object: the API server's `Status`, thrown. */
export class ApiStatus extends Error {
  readonly code: number
  readonly reason: string
  readonly details: JsonObject | undefined

  constructor(code: number, reason: string, message: string, details?: JsonObject) {
    super(message)
    this.code = code
    this.reason = reason
    this.details = details
  }

  body(): JsonObject {
    const { code, reason, message, details } = this
    const base = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason }
    return details ? { ...base, details, code } : { ...base, code }
  }
}

function detailsOf({ group, plural }: Resource, name: string): JsonObject {
  return { ...(name && { name }), ...(group && { group }), kind: plural }
}

function label(resource: Resource, name: string): string {
  return name === '' ? qualifiedName(resource) : `${qualifiedName(resource)} "${name}"`
}

export const notFound = (resource: Resource, name: string) =>
  new ApiStatus(404, 'NotFound', `${label(resource, name)} not found`, detailsOf(resource, name))

export const alreadyExists = (resource: Resource, name: string) =>
  new ApiStatus(409, 'AlreadyExists', `${label(resource, name)} already exists`, detailsOf(resource, name))

export const conflict = (resource: Resource, name: string) =>
  new ApiStatus(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${label(resource, name)}: the object has been modified; please apply your changes to the latest version and try again`,
    detailsOf(resource, name),
  )

/** `what` is the resource with its subresource, `pods/log`; without a namespace it is the cluster's. */
export const forbidden = (
  resource: Resource,
  refused: { user: string; verb: string; what: string; namespace: string; name: string },
) => {
  const { user, verb, what, namespace, name } = refused
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`
  const who = `User "${user}" cannot ${verb} resource "${what}" in API group "${resource.group}" ${where}`
  return new ApiStatus(403, 'Forbidden', `${label(resource, name)} is forbidden: ${who}`, detailsOf(resource, name))
}

/** What nobody serves: an unknown kind of a known group, or an unknown subresource. */
export const unknownResource = () =>
  new ApiStatus(404, 'NotFound', 'the server could not find the requested resource', {})

/** A watch asked for changes that are forgotten: list again. */
export const expired = (version: number, oldest: number) =>
  new ApiStatus(410, 'Expired', `too old resource version: ${version} (${oldest})`)

/** What a patch with a failing `test`, a missing parent or an unknown operation gets: no hint which. */
export const patchRejected = () =>
  new ApiStatus(422, 'Invalid', 'the server rejected our request due to an error in our request', {})

export const invalid = (resource: Resource, name: string, cause: string) =>
  new ApiStatus(422, 'Invalid', `${resource.kind}.${resource.group} "${name}" is invalid: ${cause}`, {
    ...detailsOf(resource, name),
    kind: resource.kind,
  })

export const unauthorized = () => new ApiStatus(401, 'Unauthorized', 'Unauthorized')

export const badRequest = (message: string) => new ApiStatus(400, 'BadRequest', message)

export const methodNotAllowed = () =>
  new ApiStatus(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})

export const unsupportedMediaType = () =>
  new ApiStatus(
    415,
    'UnsupportedMediaType',
    'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json',
  )
