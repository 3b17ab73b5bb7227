import { change, event } from '@pagerduty/pdjs'
import { z } from 'zod'
import { SlipwayError } from '../errors.ts'
import type { Change, Clock, Page, Paging } from '../jobs/ports.ts'
import { changeParameters } from '../unchecked.ts'
import { type Ask, createAsk } from './ask.ts'
import { dedupKey, shortened } from './event-limits.ts'
import { findIncident } from './incident.ts'

export interface PagerDutyOptions {
  /** Integration key of an Events API v2 integration. */
  readonly routingKey: string
  /** REST token that may read incidents; without it every link is `servicePage`. */
  readonly apiToken?: string
  /** `host:port` in place of PagerDuty's own; always spoken to by https. */
  readonly eventsHost?: string
  readonly apiHost?: string
  /** Where people see the service's incidents. */
  readonly servicePage: string
  /** Time limit of one call, in ms. */
  readonly timeout: number
  /** What the incident is about, as PagerDuty shows it: the service under release. */
  readonly source: string
  readonly clock: Clock
}

const accepted = z.object({ status: z.literal('success') })

/** Pages through PagerDuty: events by the Events API v2, links by the REST API. */
export function createPagerDuty(options: PagerDutyOptions): Paging {
  const { routingKey, apiToken, source, servicePage, timeout, clock } = options
  const ask: Ask = createAsk({ timeout, secrets: [routingKey, apiToken] })
  const server = options.eventsHost === undefined ? {} : { server: options.eventsHost }

  async function send(data: Parameters<typeof event>[0]['data']): Promise<void> {
    const answer = await ask((limits) => event({ ...limits, ...server, data }))
    if (!accepted.safeParse(answer).success) throw new SlipwayError('paging-unreachable', {})
  }

  const shown = (details: Page['details']) =>
    Object.fromEntries(Object.entries(details).map(([name, value]) => [name, shortened(value, 'detail')]))

  async function linkOf(key: string): Promise<string> {
    if (apiToken === undefined) return servicePage
    const host = options.apiHost === undefined ? {} : { server: options.apiHost }
    return (await findIncident({ ...host, token: apiToken, key, ask, clock })) ?? servicePage
  }

  return {
    async trigger(page: Page) {
      const key = dedupKey(page.key)
      const data = {
        routing_key: routingKey,
        event_action: 'trigger' as const,
        dedup_key: key,
        client: 'Slipway',
        payload: {
          summary: shortened(page.summary, 'summary'),
          source,
          severity: page.severity,
          custom_details: shown(page.details),
        },
      }
      await send(data)
      return { link: await linkOf(key) }
    },

    async resolve(key) {
      await send({
        routing_key: routingKey,
        event_action: 'resolve',
        dedup_key: dedupKey(key),
        payload: { summary: 'Resolved', source, severity: 'info' }, // demanded by the client's types, ignored by PagerDuty
      })
    },

    async change({ summary, at, details }: Change) {
      const payload = {
        summary: shortened(summary, 'summary'),
        timestamp: new Date(at).toISOString(),
        source,
        custom_details: shown(details),
      }
      const data = { routing_key: routingKey, payload, links: [] }
      const answer = await ask((limits) => change(changeParameters({ ...limits, ...server, data })))
      if (!accepted.safeParse(answer).success) throw new SlipwayError('paging-unreachable', {})
    },
  }
}
