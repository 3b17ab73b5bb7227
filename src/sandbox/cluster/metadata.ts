import { z } from 'zod'
import { type JsonObject, member } from './json.ts'

const schema = z.looseObject({
  name: z.string().min(1),
  namespace: z.string().default(''),
  uid: z.string().default(''),
  resourceVersion: z.string().default(''),
  generation: z.int().default(0),
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
  deletionTimestamp: z.string().exactOptional(),
})

export type Metadata = z.infer<typeof schema>

/** An object's metadata. Throws a ZodError when it has none to speak of. */
export function metadataOf(object: JsonObject): Metadata {
  return schema.parse(member(object, 'metadata'))
}

/** The API server's notation of a moment: whole seconds, UTC. */
export function timestamp(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z')
}
