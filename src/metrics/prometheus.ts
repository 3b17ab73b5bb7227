import { clip } from '../clip.ts'
import type { Clock, Metrics, Sample } from '../jobs/ports.ts'
import type { MissingReason } from '../rollout/plan.ts'
import type { Series } from './answer.ts'
import { freshnessQuery, sourceLabel } from './freshness.ts'
import { instantQuery } from './instant-query.ts'
import { QueryFailure, QueryRefused } from './query-failure.ts'

export interface PrometheusOptions {
  /** Address, with a path prefix where there is one: `http://prometheus:9090`. */
  readonly url: string
  /** Time limit of one reading, all its queries together, in ms. */
  readonly timeout: number
  readonly clock: Pick<Clock, 'now'>
}

/** So many series are named when there are several. */
const namedSeries = 3
const longestName = 100

const missing = (reason: MissingReason, detail: string): Sample => ({ missing: reason, detail })
const short = (text: string) => clip(text, longestName)

function nameOf({ name, labels }: Series): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`)
  return short(`${name}{${pairs.join(', ')}}`)
}

function severalSeries(series: readonly Series[]): Sample {
  const names = series.slice(0, namedSeries).map(nameOf).join(', ')
  const more = series.length > namedSeries ? ` and ${series.length - namedSeries} more` : ''
  return missing('several-series', `${series.length} series: ${names}${more}`)
}

/**
 * Reads single numbers from Prometheus. Whether a number is fresh is judged by the samples behind it, with a second
 * query: docs/decisions/staleness.md.
 */
export function createPrometheus({ url, timeout, clock }: PrometheusOptions): Metrics {
  async function read(promql: string, staleAfter: number, signal: AbortSignal): Promise<Sample> {
    const series = await instantQuery({ url, promql, timeout, signal })
    const [only] = series
    if (only === undefined) return missing('empty', 'no series')
    if (series.length > 1) return severalSeries(series)
    if (!Number.isFinite(only.value)) return missing('not-finite', 'not a finite number')

    const apart = Math.abs(clock.now() - only.at)
    if (apart > staleAfter) {
      return missing('stale', `Prometheus's clock and ours are ${Math.round(apart / 1_000)} s apart`)
    }
    const freshness = freshnessQuery(promql, staleAfter)
    if (freshness === undefined) throw new QueryRefused("can't tell from the query what it reads")
    if (freshness === null) return { value: only.value, at: only.at }

    const stopped = await instantQuery({ url, promql: freshness.promql, at: only.at, timeout, signal })
    const sources = stopped.map(({ labels }) => short(freshness.sources[Number(labels[sourceLabel])] ?? 'a source'))
    if (sources.length === 0) return { value: only.value, at: only.at }
    return missing('stale', `nothing newer than ${Math.round(staleAfter / 1_000)} s from ${sources.join(', ')}`)
  }

  return {
    async query(promql, staleAfter) {
      try {
        return await read(promql, staleAfter, AbortSignal.timeout(timeout))
      } catch (reason) {
        const failed = missing('failed', reason instanceof QueryFailure ? reason.message : 'unexpected answer')
        return reason instanceof QueryRefused ? { ...failed, refused: true } : failed
      }
    },
  }
}
