import { createHash, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { AlertMapping } from '../config/config.ts'
import type { Secret } from '../config/secret.ts'
import type { FiringAlert } from '../jobs/answer-alert.ts'
import type { Log } from '../jobs/world.ts'
import type { Hook } from './server.ts'

const labels = z.record(z.string(), z.string())

/** A notification of Alertmanager's webhook receiver, version 4, as far as Slipway reads it. */
const notification = z.object({
  version: z.literal('4'),
  /** How many alerts the receiver's `max_alerts` has cut off. */
  truncatedAlerts: z.number().default(0),
  groupLabels: labels.default({}),
  alerts: z
    .array(
      z.object({
        status: z.enum(['firing', 'resolved']),
        labels,
        annotations: labels.default({}),
        startsAt: z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
        fingerprint: z.string().min(1),
      }),
    )
    .max(10_000),
})

/** What a notification asks for. */
interface Notified {
  /** Firing alerts that the configuration maps to the service, each once. */
  readonly firing: readonly FiringAlert[]
  /** Those that fire no longer. */
  readonly ended: readonly FiringAlert[]
  /** Alerts were cut off among which a mapped one may have been. */
  readonly cutOff: boolean
}

/** Reads a notification against the configured mappings; null when it is none. */
function readNotification(body: string, mappings: readonly AlertMapping[]): Notified | null {
  const parsed = notification.safeParse(jsonOf(body))
  if (!parsed.success) return null
  const { alerts, truncatedAlerts, groupLabels } = parsed.data
  const mapped = alerts.flatMap((alert) => {
    const mapping = mappings.find((m) =>
      Object.entries(m.labels).every(([name, value]) => alert.labels[name] === value),
    )
    if (mapping === undefined) return []
    const { summary, description } = alert.annotations
    const { startsAt, fingerprint, status } = alert
    return [{ status, of: { title: mapping.title, summary: summary ?? description ?? '', startsAt, fingerprint } }]
  })
  const now = (wanted: 'firing' | 'resolved') => mapped.flatMap(({ status, of }) => (status === wanted ? [of] : []))
  const [firing, ended] = [now('firing'), now('resolved')]
  // The labels that a group is made by are those of every alert in it, also of those that were cut off.
  const couldHold = ({ labels }: AlertMapping) =>
    Object.entries(labels).every(([name, value]) => (groupLabels[name] ?? value) === value)
  return { firing, ended, cutOff: truncatedAlerts > 0 && firing.length === 0 && mappings.some(couldHold) }
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}

interface AlertHookOptions {
  readonly token: Secret
  readonly mappings: readonly AlertMapping[]
  /** Answers one alert; throws when it could not. */
  readonly answer: (alert: FiringAlert) => Promise<void>
  /** Takes note that one has ended; throws when it could not. */
  readonly end: (alert: FiringAlert) => Promise<void>
  readonly log: Pick<Log, 'warn'>
}

/** What the log says of a notification that is refused, which Alertmanager does not send again. */
const lost = {
  401: 'alerts are being lost if it was Alertmanager that came to the webhook without the right token: compare its credentials with SLIPWAY_ALERTMANAGER_TOKEN',
  413: "alerts are being lost: a notification was larger than Slipway takes: make the groups of Alertmanager's route smaller (group_by)",
} as const

/** Where Alertmanager's webhook receiver sends its notifications. What could not be answered it sends again, as 5xx asks it to. */
export function createAlertHook({ token, mappings, answer, end, log }: AlertHookOptions): Hook {
  /** What was refused since a notification got through last: strangers are not to fill the log. */
  const refused = new Set<keyof typeof lost>()
  return {
    admits: (authorization) => isToken(authorization, token),
    refused(status) {
      if (!refused.has(status)) log.warn({ status }, lost[status])
      refused.add(status)
    },
    async take(body) {
      const notified = readNotification(body, mappings)
      if (notified === null) {
        log.warn({ bytes: body.length }, "what came to the webhook is no notification of Alertmanager's version 4")
        return { status: 400, said: "this is no notification of Alertmanager's version 4" }
      }
      refused.clear()
      if (notified.cutOff)
        log.warn({}, 'Alertmanager cut alerts off that may count as a breach: set max_alerts: 0 for this receiver')
      const answers = await Promise.allSettled(notified.firing.map(answer))
      // Where one of several with a title has ended, it must be known by then that another one fires.
      const ends = await Promise.allSettled(notified.ended.map(end))
      const failed = [...answers, ...ends].filter((a) => a.status === 'rejected')
      for (const { reason } of failed) log.warn({ err: reason }, 'an alert could not be answered; it comes again')
      const status = failed.length > 0 ? 503 : 200
      return { status, said: `${notified.firing.length} firing alerts of this service` }
    },
  }
}

/** Is it this bearer token? Takes as long for a wrong one as for the right one. */
function isToken(header: string | undefined, token: Secret): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token.reveal()}`))
}
