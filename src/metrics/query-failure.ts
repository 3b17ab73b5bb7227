import { z } from 'zod'

/** Why a query gave no answer, in a few words for people; never with a URL or anything else that may hold a secret. */
export class QueryFailure extends Error {}

/** The query itself is wrong, by Prometheus's own word or by what it gives: asked again, it fails again. */
export class QueryRefused extends QueryFailure {}

/** How Prometheus answers a query that it can't read, and one that it can't carry out. */
const refusing = [400, 422]

const httpError = z.object({
  code: z.string().optional(),
  response: z.object({ status: z.number(), data: z.unknown() }).optional(),
})
const prometheusError = z.object({
  status: z.literal('error'),
  errorType: z.string().regex(/^[a-z_]{1,40}$/),
})

/** Turns what the HTTP client rejects with into a failure. */
export function failureOf(reason: unknown): QueryFailure {
  if (reason instanceof QueryFailure) return reason
  const { code = '', response } = httpError.safeParse(reason).data ?? {}
  if (response !== undefined) {
    const told = prometheusError.safeParse(response.data).data
    if (told === undefined) return new QueryFailure(`status ${response.status}`)
    const Failure = refusing.includes(response.status) ? QueryRefused : QueryFailure
    return new Failure(`status ${response.status}, ${told.errorType}`)
  }
  if (code === 'ERR_BAD_RESPONSE') return new QueryFailure('answer too large or cut off')
  return new QueryFailure(/^[A-Z][A-Z_]{1,40}$/.test(code) ? `no connection, ${code}` : 'no connection')
}
