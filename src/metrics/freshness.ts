import { promDuration } from '../rollout/query.ts'
import { readsOf, type Selector } from './selectors.ts'

/** How far back Prometheus looks for an instant value by default (`--query.lookback-delta`), in ms. */
const lookback = 300_000

/** The label by which the answer names a stale source: the index in `sources`. */
export const sourceLabel = 'source'

export interface FreshnessQuery {
  /** Gives one series, with `sourceLabel`, for every source that has stopped. */
  readonly promql: string
  /** What is judged, as selectors for people. */
  readonly sources: readonly string[]
}

const text = (selector: Selector) =>
  selector.matchers.length === 0 ? selector.name : `${selector.name}{${selector.matchers.join(',')}}`

/** Does `wide` select everything that `narrow` does? Then fresh samples of it show that the source of both is alive. */
function covers(wide: Selector, narrow: Selector): boolean {
  return (
    wide.name === narrow.name &&
    wide.modifiers === narrow.modifiers &&
    wide.matchers.every((matcher) => narrow.matchers.includes(matcher))
  )
}

/** The widest selectors, each once. */
function widest(selectors: readonly Selector[]): Selector[] {
  return selectors.filter((one, index) =>
    selectors.every((other, at) => at === index || !covers(other, one) || (covers(one, other) && index < at)),
  )
}

/**
 * The query that tells which sources of a query have stopped: those with samples in all the time it can read, but none in
 * the last `staleAfter` ms. Null when it reads no samples, undefined when it can't be read.
 */
export function freshnessQuery(query: string, staleAfter: number): FreshnessQuery | null | undefined {
  const reads = readsOf(query)
  if (reads === undefined) return undefined
  const selectors = widest(reads.selectors)
  if (selectors.length === 0) return null
  const absent = (selector: Selector, ms: number) =>
    `sum(absent_over_time(${text(selector)}[${promDuration(ms)}]${selector.modifiers}))`
  const parts = selectors.map((selector, index) => {
    const stopped = `${absent(selector, staleAfter)} unless ${absent(selector, lookback + reads.ranges)}`
    return `label_replace(${stopped}, "${sourceLabel}", "${index}", "", "")`
  })
  return { promql: parts.join(' or '), sources: selectors.map(text) }
}
