import { z } from 'zod'

export type Json = string | number | boolean | null | Json[] | JsonObject
export type JsonObject = { [member: string]: Json }

/** A value that JSON can hold. Zod's own schema of it tries every kind for every value. */
export const json = z.custom<Json>(isJson)

function isJson(value: unknown): value is Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (Array.isArray(value)) return value.every(isJson)
  return typeof value === 'object' && Object.values(value).every(isJson)
}

/** Takes a value from outside as a JSON object. Throws a ZodError for anything else. */
export function parseJsonObject(value: unknown): JsonObject {
  return z.record(z.string(), z.json()).parse(value)
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A member that should be an object: an empty one when it is not there. */
export function member(object: JsonObject, name: string): JsonObject {
  const found = object[name]
  return isJsonObject(found) ? found : {}
}

/** A copy that can be changed without changing the original. */
export function copyOf(value: Json): Json {
  if (Array.isArray(value)) return value.map(copyOf)
  return isJsonObject(value) ? copyOfObject(value) : value
}

export function copyOfObject(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, copyOf(value)]))
}
