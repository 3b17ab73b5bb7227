import { z } from 'zod'
import type { Secret } from '../config/secret.ts'
import { SlipwayError } from '../errors.ts'
import { fetchWithin } from './fetch-within.ts'

const answer = z.looseObject({ dashboard: z.looseObject({ title: z.string() }) })

/** The title of a Grafana dashboard, or null when there is none of this uid. @throws SlipwayError `address-unreachable` or `address-refused`. */
export async function grafanaDashboard(
  grafana: string,
  uid: string,
  token: Secret | undefined,
  timeout: number,
): Promise<string | null> {
  const url = `${grafana.replace(/\/$/, '')}/api/dashboards/uid/${encodeURIComponent(uid)}`
  const headers = token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` }
  const response = await fetchWithin(url, timeout, { headers })
  const body: unknown = await response.json().catch(() => null)
  if (response.status === 404) return null
  const read = answer.safeParse(body)
  if (!response.ok || !read.success)
    throw new SlipwayError('address-refused', { url: grafana, status: response.status })
  return read.data.dashboard.title
}
