import { api } from '@pagerduty/pdjs'
import { z } from 'zod'
import type { Config } from '../config/config.ts'
import type { Environment } from '../config/environment.ts'
import { SlipwayError } from '../errors.ts'
import type { OnCall, Person } from '../jobs/ports.ts'
import { createAsk } from './ask.ts'

const service = z.object({ service: z.object({ escalation_policy: z.object({ id: z.string() }) }) })
const onCalls = z.object({
  oncalls: z.array(z.object({ user: z.object({ summary: z.string(), email: z.string().optional() }) })),
})

/** Asks PagerDuty's REST API; null without a token that may. */
export function createOnCall({ pagerduty }: Config, { apiToken, apiHost }: Environment['pagerduty']): OnCall | null {
  if (apiToken === undefined) return null
  const token = apiToken.reveal()
  const ask = createAsk({ timeout: pagerduty.timeout, secrets: [token] })
  const host = apiHost === undefined ? {} : { server: apiHost }

  async function get<T>(endpoint: string, schema: z.ZodType<T>): Promise<T> {
    const read = schema.safeParse(await ask((limits) => api({ ...limits, ...host, token, endpoint })))
    if (!read.success) throw new SlipwayError('paging-unreachable', {})
    return read.data
  }

  async function peopleOf(filter: string, id: string): Promise<readonly Person[]> {
    const query = `${filter}[]=${encodeURIComponent(id)}&include[]=users&limit=100`
    const { oncalls } = await get(`/oncalls?${query}`, onCalls)
    const people = oncalls.map(({ user }) => ({ name: user.summary, email: user.email ?? null }))
    return people.filter(
      (one, index) => people.findIndex((p) => p.name === one.name && p.email === one.email) === index,
    )
  }

  // Its page's address ends in its id.
  const id = /\/(P[A-Z0-9]+)\/?$/.exec(new URL(pagerduty.servicePage).pathname)?.[1]
  const forService = async () => {
    const found = await get(`/services/${encodeURIComponent(id ?? '')}`, service)
    return peopleOf('escalation_policy_ids', found.service.escalation_policy.id)
  }
  return { ...(id !== undefined && { forService }), onSchedule: (schedule) => peopleOf('schedule_ids', schedule) }
}
