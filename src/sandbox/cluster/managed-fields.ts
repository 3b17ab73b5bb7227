import { isDeepStrictEqual } from 'node:util'
import { isJsonObject, type Json, type JsonObject, member } from './json.ts'
import { timestamp } from './metadata.ts'

/**
 * Keeps `metadata.managedFields`: whoever changes a field owns it from then on, and the former owner no longer does. As deep as
 * anybody looks: annotations one by one, and the first level of spec and status. (The API server goes to the leaves.)
 */
export function trackManager(before: JsonObject | undefined, after: JsonObject, manager: string): Json[] {
  if (forgetsManagers(after)) return []
  const changed = changedFields(before ?? {}, after)
  const present = before ? member(before, 'metadata').managedFields : []
  const entries = (Array.isArray(present) ? present : []).filter(isJsonObject)
  if (changed.length === 0) return entries
  const own = entries.find((entry) => entry.manager === manager)
  const others = entries
    .filter((entry) => entry !== own)
    .map((entry) => ({ ...entry, fieldsV1: without(entry, changed) }))
  const kept = own ? fieldPaths(member(own, 'fieldsV1')) : []
  const mine: JsonObject = {
    manager,
    operation: 'Update',
    apiVersion: after.apiVersion ?? 'v1',
    time: timestamp(),
    fieldsType: 'FieldsV1',
    fieldsV1: fieldTree([...new Set([...kept, ...changed])]),
  }
  return [...others.filter(({ fieldsV1 }) => Object.keys(fieldsV1).length > 0), mine]
}

/** Does whoever writes this take all of it away? Kubernetes has a list of one empty entry for that; an empty list changes nothing. */
export function forgetsManagers(object: JsonObject): boolean {
  return isDeepStrictEqual(member(object, 'metadata').managedFields, [{}])
}

/** Fields as `spec http` or `metadata annotations some/key`. */
function changedFields(before: JsonObject, after: JsonObject): string[] {
  const differing = (prefix: string, a: JsonObject, b: JsonObject) =>
    Object.keys(b)
      .filter((key) => !isDeepStrictEqual(a[key], b[key]))
      .map((key) => `${prefix} ${key}`)
  const annotations = (object: JsonObject) => member(member(object, 'metadata'), 'annotations')
  return [
    ...differing('metadata annotations', annotations(before), annotations(after)),
    ...differing('spec', member(before, 'spec'), member(after, 'spec')),
    ...differing('status', member(before, 'status'), member(after, 'status')),
  ]
}

function without(entry: JsonObject, changed: readonly string[]): JsonObject {
  return fieldTree(fieldPaths(member(entry, 'fieldsV1')).filter((path) => !changed.includes(path)))
}

function fieldPaths(tree: JsonObject): string[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const inner = isJsonObject(value) ? fieldPaths(value) : []
    const name = key.slice('f:'.length)
    return inner.length > 0 ? inner.map((path) => `${name} ${path}`) : [name]
  })
}

function fieldTree(paths: readonly string[]): JsonObject {
  const tree: JsonObject = {}
  for (const path of paths) {
    let at = tree
    for (const name of path.split(' ')) {
      const inner = member(at, `f:${name}`)
      at[`f:${name}`] = inner
      at = inner
    }
  }
  return tree
}
