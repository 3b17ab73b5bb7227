import { z } from 'zod'
import { QueryFailure, QueryRefused } from './query-failure.ts'

const value = z.tuple([z.number(), z.string().regex(/^([+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?|[+-]?Inf|NaN)$/i)])
const data = z.discriminatedUnion('resultType', [
  z.object({
    resultType: z.literal('vector'),
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value })),
  }),
  z.object({ resultType: z.literal('scalar'), result: value }),
  z.object({ resultType: z.enum(['matrix', 'string']), result: z.unknown() }),
])
const body = z.object({ status: z.literal('success'), data, warnings: z.array(z.string()).optional() })

/** Before 2.54 Prometheus gave information among the warnings. */
const information = 'PromQL info:'

/**
 * Throws unless this is the body of a successful instant query that can hold numbers, and a whole answer: what federates several stores
 * warns where one is away, and gives what the others have.
 */
export function checkBody(received: unknown): void {
  const parsed = body.safeParse(received)
  if (!parsed.success) throw new QueryFailure('not an answer of Prometheus')
  const { data: given, warnings = [] } = parsed.data
  if (warnings.some((warning) => !warning.startsWith(information)))
    throw new QueryFailure('an answer with warnings, which may lack a part')
  const { resultType } = given
  if (resultType === 'matrix' || resultType === 'string') throw new QueryRefused(`the query gives a ${resultType}`)
}

/** One value with its labels. NaN also stands for both infinities: the client library reads them so. */
export interface Series {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  /** When it was evaluated, in ms since 1970. */
  readonly at: number
}

const number = z.number().or(z.nan())
const scalar = z.object({ resultType: z.literal('scalar'), result: z.tuple([z.number(), z.string()]) })
const vector = z.object({
  resultType: z.literal('vector'),
  result: z.array(
    z.object({
      metric: z.object({ name: z.string().optional(), labels: z.record(z.string(), z.string()) }),
      value: z.object({ time: z.date(), value: number }),
    }),
  ),
})

/** What the client library made of a body that `checkBody` let through. A scalar is one series without labels. */
export function seriesOf(result: unknown): readonly Series[] {
  const parsed = z.union([scalar, vector]).safeParse(result).data
  if (parsed === undefined) throw new QueryFailure('not an answer of Prometheus')
  if (parsed.resultType === 'scalar') {
    const [seconds, written] = parsed.result
    return [{ name: '', labels: {}, value: Number(written), at: Math.round(seconds * 1_000) }]
  }
  return parsed.result.map(({ metric, value: sample }) => ({
    name: metric.name ?? '',
    labels: metric.labels,
    value: sample.value,
    at: sample.time.getTime(),
  }))
}
