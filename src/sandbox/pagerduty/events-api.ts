import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { IncidentEvent } from './incidents.ts'

const dedupKey = z.string().min(1).max(255)
const event = z.discriminatedUnion('event_action', [
  z.object({
    event_action: z.literal('trigger'),
    routing_key: z.string(),
    dedup_key: dedupKey.optional(),
    client: z.string().optional(),
    payload: z.object({
      summary: z.string().min(1).max(1_024),
      source: z.string().min(1),
      severity: z.enum(['critical', 'error', 'warning', 'info']),
      custom_details: z.record(z.string(), z.unknown()).optional(),
    }),
  }),
  z.object({ event_action: z.literal('resolve'), routing_key: z.string(), dedup_key: dedupKey }),
])

export interface EventAnswer {
  readonly status: number
  readonly body: unknown
  /** What is to be done about it a moment later. */
  readonly event?: IncidentEvent
}

function invalid(errors: readonly string[]): EventAnswer {
  return { status: 400, body: { status: 'invalid event', message: 'Event object is invalid', errors } }
}

/** Answers `POST /v2/enqueue`. */
export function enqueue(received: unknown, routingKey: string): EventAnswer {
  const parsed = event.safeParse(received)
  if (!parsed.success) return invalid(parsed.error.issues.map(({ path, message }) => `'${path.join('.')}' ${message}`))
  const { data } = parsed
  if (data.routing_key !== routingKey) return invalid(['Invalid routing key'])
  const key = data.dedup_key ?? randomUUID()
  const body = { status: 'success', message: 'Event processed', dedup_key: key }
  if (data.event_action === 'resolve') return { status: 202, body, event: { action: 'resolve', key } }
  const { summary: title, source, severity, custom_details: details = {} } = data.payload
  return {
    status: 202,
    body,
    event: { action: 'trigger', key, title, source, severity, details, client: data.client ?? 'API' },
  }
}

const changeEvent = z.strictObject({
  routing_key: z.string(),
  payload: z.strictObject({
    summary: z.string().min(1).max(1_024),
    timestamp: z.iso.datetime(),
    source: z.string().optional(),
    custom_details: z.record(z.string(), z.unknown()).optional(),
  }),
  links: z.array(z.strictObject({ href: z.url(), text: z.string().optional() })).optional(),
})

/** A change event as it was taken. */
export type ChangeEvent = z.infer<typeof changeEvent>['payload']

/** Answers `POST /v2/change/enqueue`. */
export function enqueueChange(
  received: unknown,
  routingKey: string,
): Omit<EventAnswer, 'event'> & { change?: ChangeEvent } {
  const parsed = changeEvent.safeParse(received)
  if (!parsed.success) return invalid(parsed.error.issues.map(({ path, message }) => `'${path.join('.')}' ${message}`))
  if (parsed.data.routing_key !== routingKey) return invalid(['Invalid routing key'])
  return { status: 202, body: { status: 'success', message: 'Change event processed' }, change: parsed.data.payload }
}
