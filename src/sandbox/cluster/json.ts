import { z } from 'zod'

export type Json = string | number | boolean | null | Json[] | JsonObject
export type JsonObject = { [member: string]: Json }

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
