import { z } from 'zod'
import { SlipwayError } from '../errors.ts'

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

const answered = z.object({ status: z.number(), data: z.unknown() })
/** The client rejects with the whole response when its body is no JSON. */
const unread = z.object({ status: z.number() })

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
  )
}

/** A 4xx is our mistake and stays one; too many requests, a time-out and a 5xx may be gone in a moment. */
function failureOf(status: number, cause: Error): SlipwayError {
  const refused = status >= 400 && status < 500 && status !== 408 && status !== 429
  return refused
    ? new SlipwayError('paging-refused', { status }, { cause })
    : new SlipwayError('paging-unreachable', {}, { cause })
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
    const limits: Limits = { signal, requestTimeout: 0, retryTimeout: Math.ceil(timeout / 4), redirect: 'error' }
    const response = await Promise.race([attempt(), rejectOnAbort(signal)]).catch((reason: unknown) => {
      throw failureOf(unread.safeParse(reason).data?.status ?? 0, causeOf(String(reason)))
    })
    const { status, data } = answered.safeParse(response).data ?? { status: 0, data: undefined }
    if (status >= 200 && status < 300) return data
    throw failureOf(status, causeOf(`status ${status}: ${JSON.stringify(data)}`))
  }
}
