import { z } from 'zod'
import { badRequest } from './api-status.ts'
import { type JsonObject, member } from './json.ts'
import { metadataOf } from './metadata.ts'
import { containersOf } from './pod-objects.ts'

const ended = z.looseObject({ terminated: z.looseObject({}).optional() }).default({})
const statuses = z
  .array(z.looseObject({ name: z.string(), image: z.string(), state: ended, lastState: ended }))
  .default([])

/** What a container has written: only one whose image crashes writes anything worth reading. Bounded as the query asks. */
export function logOf(pod: JsonObject, query: URLSearchParams): string {
  const { name } = metadataOf(pod)
  const names = containersOf(pod).map((container) => container.name)
  const wanted = query.get('container') ?? names[0] ?? ''
  if (!names.includes(wanted)) throw badRequest(`container ${wanted} is not valid for pod ${name}`)
  const found = statuses.parse(member(pod, 'status').containerStatuses).find((status) => status.name === wanted)
  const previous = query.get('previous') === 'true'
  if (previous && found?.lastState.terminated === undefined)
    throw badRequest(`previous terminated container "${wanted}" in pod "${name}" not found`)
  if (found === undefined) throw badRequest(`container "${wanted}" in pod "${name}" is waiting to start`)
  const lines = found.image.includes('crash')
    ? ['reading the configuration', 'error: no such table: workflows', '    at migrate (/app/migrate.js:12)']
    : ['started']
  const tail = z.coerce
    .number()
    .int()
    .nonnegative()
    .parse(query.get('tailLines') ?? lines.length)
  const most = z.coerce
    .number()
    .int()
    .positive()
    .optional()
    .parse(query.get('limitBytes') ?? undefined)
  const text = lines.slice(lines.length - Math.min(tail, lines.length)).map((line) => `${line}\n`)
  return Buffer.from(text.join('')).subarray(0, most).toString('utf8')
}
