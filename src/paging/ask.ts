import { z } from 'zod'
import { SlipwayError } from '../errors.ts'
import { retryAfter } from '../retry-after.ts'

/** Options that every call of the client gets. */
interface Limits {
  readonly signal: AbortSignal
  readonly requestTimeout: 0
  readonly retryTimeout: number
  readonly redirect: 'error'
}

/**
 * Makes one call within the configured time limit, or within `atMost` ms where that is shorter, and gives its body.
 * Rejects with `paging-refused` or `paging-unreachable`.
 */
export type Ask = (call: (limits: Limits) => Promise<unknown>, atMost?: number) => Promise<unknown>

type Headers = { get(name: string): string | null }
const headers = z.custom<Headers>(
  (value) => typeof value === 'object' && value !== null && 'get' in value && typeof value.get === 'function',
)
/** The client rejects with the whole response when its body is no JSON. */
const unread = z.object({ status: z.number(), headers })
const answered = unread.extend({ data: z.unknown() })

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
  )
}

/** A 4xx is our mistake and stays one; too many requests, a time-out and a 5xx may be gone in a moment. */
function failureOf(response: z.infer<typeof unread> | undefined, cause: Error): SlipwayError {
  const status = response?.status ?? 0
  const refused = status >= 400 && status < 500 && status !== 408 && status !== 429
  if (refused) return new SlipwayError('paging-refused', { status }, { cause })
  const after = retryAfter((name) => response?.headers.get(name))
  return new SlipwayError('paging-unreachable', after === undefined ? {} : { after }, { cause })
}

export function createAsk(options: { timeout: number; secrets: readonly (string | undefined)[] }): Ask {
  /** What goes to the log: text only, since the client's own errors hold requests. */
  function causeOf(text: string): Error {
    let clean = text
    for (const secret of options.secrets) if (secret) clean = clean.replaceAll(secret, '[secret]')
    return new Error(clean.slice(0, 1_000))
  }

  return async (call, atMost = options.timeout) => {
    const timeout = Math.min(options.timeout, atMost)
    const attempt = async () => call(limits)
    const signal = AbortSignal.timeout(timeout)
    // The client waits out its pauses after a 429 whatever the signal says: short pauses, and a race besides.
    const limits: Limits = { signal, requestTimeout: 0, retryTimeout: Math.ceil(timeout / 5), redirect: 'error' }
    const response = await Promise.race([attempt(), rejectOnAbort(signal)]).catch((reason: unknown) => {
      throw failureOf(unread.safeParse(reason).data, causeOf(String(reason)))
    })
    const answer = answered.safeParse(response).data
    if (answer !== undefined && answer.status >= 200 && answer.status < 300) return answer.data
    throw failureOf(answer, causeOf(`status ${answer?.status}: ${JSON.stringify(answer?.data)}`))
  }
}
