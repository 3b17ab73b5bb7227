import { z } from 'zod'
import { SlipwayError } from '../errors.ts'
import { fetchWithin } from './fetch-within.ts'

/** An alert that fires, and whether a silence hides it. */
export interface KnownAlert {
  readonly name: string
  readonly silenced: boolean
}

const alerts = z.array(
  z.looseObject({
    labels: z.record(z.string(), z.string()),
    status: z.looseObject({ silencedBy: z.array(z.string()).default([]) }),
  }),
)

/**
 * The alerts with these labels that Alertmanager (API v2) knows to fire, silenced or not, each name once.
 * @throws SlipwayError `address-unreachable`.
 */
export async function firingAlerts(
  alertmanager: string,
  labels: Readonly<Record<string, string>>,
  timeout: number,
): Promise<readonly KnownAlert[]> {
  const url = new URL(`${alertmanager.replace(/\/$/, '')}/api/v2/alerts`)
  for (const [name, value] of Object.entries(labels))
    url.searchParams.append('filter', `${name}=${JSON.stringify(value)}`)
  const response = await fetchWithin(url.href, timeout)
  const read = alerts.safeParse(await response.json().catch(() => null))
  if (!response.ok || !read.success) throw new SlipwayError('address-unreachable', { url: alertmanager })
  const known = new Map<string, KnownAlert>()
  for (const { labels, status } of read.data) {
    const name = labels.alertname ?? 'an alert without a name'
    const silenced = status.silencedBy.length > 0 && known.get(name)?.silenced !== false
    known.set(name, { name, silenced })
  }
  return [...known.values()]
}
