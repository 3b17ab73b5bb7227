import { api } from '@pagerduty/pdjs'
import { z } from 'zod'
import { SlipwayError } from '../errors.ts'
import type { Clock } from '../jobs/ports.ts'
import type { Ask } from './ask.ts'

/** Pauses before each look, in ms: an event becomes an incident within a second or so, at times later. */
const pauses = [250, 500, 1_000, 2_000, 3_000]
/** A page must not wait for its link longer than this in all, in ms. */
const longest = 9_000

const incidents = z.object({
  incidents: z.array(
    z.object({ status: z.string(), incident_number: z.number(), html_url: z.url({ protocol: /^https?$/ }) }),
  ),
})

interface Search {
  readonly token: string
  /** The deduplication key of the event that opened it. */
  readonly key: string
  readonly server?: string
  readonly ask: Ask
  readonly clock: Clock
}

/** The address of the newest open incident of a key; null when there is none to be seen in time. */
export async function findIncident({ token, key, server, ask, clock }: Search): Promise<string | null> {
  const end = clock.now() + longest
  const host = server === undefined ? {} : { server }
  const look = (left: number) =>
    ask(
      (limits) => api({ ...limits, ...host, token, endpoint: '/incidents', data: { incident_key: key } }),
      left,
    ).catch((error: unknown) => {
      // The page is out, so this is no failure: without the link people still have the service's page.
      if (error instanceof SlipwayError) return error.code === 'paging-refused' ? 'refused' : null
      throw error
    })
  for (const pause of pauses) {
    await clock.wait(pause)
    const left = end - clock.now()
    if (left <= 0) return null
    const answer = await look(left)
    if (answer === 'refused') return null
    const open = (incidents.safeParse(answer).data?.incidents ?? []).filter(({ status }) => status !== 'resolved')
    const [newest] = open.sort((a, b) => b.incident_number - a.incident_number)
    if (newest !== undefined) return newest.html_url
  }
  return null
}
