import { PrometheusDriver } from 'prometheus-query'
import { z } from 'zod'
import { checkBody, type Series, seriesOf } from './answer.ts'
import { failureOf, QueryFailure } from './query-failure.ts'

/** An answer of one number has some hundred bytes; one above this limit is a mistake in the query or no Prometheus. */
const largestAnswer = 1_000_000

const rejection = z.object({ original: z.instanceof(QueryFailure) })

export interface InstantQuery {
  /** Address of Prometheus. */
  readonly url: string
  readonly promql: string
  /** When to evaluate it, in ms since 1970. Left out, it is Prometheus's own now, so that clocks need not agree. */
  readonly at?: number
  /** Time limit, in ms; told to Prometheus too. */
  readonly timeout: number
  /** Ends the whole exchange. */
  readonly signal: AbortSignal
}

/** Runs one instant query. Rejects with a QueryFailure and nothing else. */
export async function instantQuery({ url, promql, at, timeout, signal }: InstantQuery): Promise<readonly Series[]> {
  try {
    const driver = new PrometheusDriver({
      endpoint: url,
      timeout,
      preferPost: true, // a long query doesn't fit into a URL
      requestInterceptor: {
        onFulfilled: (request) => {
          if (at === undefined && request.data instanceof URLSearchParams) request.data.delete('time')
          return Object.assign(request, { signal, maxContentLength: largestAnswer, maxRedirects: 0 })
        },
      },
      responseInterceptor: {
        onFulfilled: (response) => {
          checkBody(response.data)
          return response
        },
        onRejected: (reason) => Promise.reject(failureOf(reason)),
      },
    })
    return seriesOf(await driver.instantQuery(promql, at, `${timeout}ms`))
  } catch (reason) {
    if (signal.aborted) throw new QueryFailure(`no answer within ${timeout} ms`)
    throw rejection.safeParse(reason).data?.original ?? failureOf(reason)
  }
}
