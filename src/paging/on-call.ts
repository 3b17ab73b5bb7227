import { api } from '@pagerduty/pdjs'
import { z } from 'zod'
import { SlipwayError } from '../errors.ts'
import type { Ask } from './ask.ts'

const service = z.object({ service: z.object({ escalation_policy: z.object({ id: z.string() }) }) })
const onCalls = z.object({ oncalls: z.array(z.object({ user: z.object({ summary: z.string() }) })) })

interface Search {
  readonly token: string
  /** The service's id, as it ends its page's address: `PXXXXXX`. */
  readonly service: string
  readonly server?: string
  readonly ask: Ask
}

/** Who is on call for a service at this moment, by name, each once. @throws SlipwayError `paging-refused` or `paging-unreachable`. */
export async function findOnCall({ token, service: id, server, ask }: Search): Promise<readonly string[]> {
  const host = server === undefined ? {} : { server }
  const get = async <T>(endpoint: string, schema: z.ZodType<T>): Promise<T> => {
    const read = schema.safeParse(await ask((limits) => api({ ...limits, ...host, token, endpoint })))
    if (!read.success) throw new SlipwayError('paging-unreachable', {})
    return read.data
  }
  const found = await get(`/services/${encodeURIComponent(id)}`, service)
  const policy = encodeURIComponent(found.service.escalation_policy.id)
  const { oncalls } = await get(`/oncalls?escalation_policy_ids[]=${policy}&limit=100`, onCalls)
  return [...new Set(oncalls.map(({ user }) => user.summary))]
}
