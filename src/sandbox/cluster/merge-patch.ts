import { isJsonObject, type Json, type JsonObject } from './json.ts'

/** Applies a JSON Merge Patch (RFC 7386): objects are merged, null removes, everything else replaces. */
export function applyMergePatch(document: JsonObject, patch: JsonObject): JsonObject {
  const result: JsonObject = { ...document }
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name]
    else result[name] = merged(result[name], value)
  }
  return result
}

function merged(present: Json | undefined, value: Json): Json {
  if (!isJsonObject(value)) return value
  return applyMergePatch(isJsonObject(present) ? present : {}, value)
}
