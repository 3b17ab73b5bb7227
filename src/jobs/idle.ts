import type { RolloutSpec } from '../rollout/plan.ts'
import type { Sample } from './ports.ts'

/** What is seen of a track that lost its traffic. */
export interface IdleSigns {
  /** Its share of the route, in percent. */
  readonly weight: number
  /** Does another route send to it? */
  readonly shared: boolean
  /** Requests that it got within the last `staleAfter`. */
  readonly requests: Sample
  /** Since it lost its traffic, in ms. */
  readonly elapsed: number
  /** Did it never have traffic? */
  readonly untouched: boolean
}

/**
 * How a track shows that it gets no requests: it has never had traffic and is `silent`; its requests were `counted`, as 0; or
 * they can't be counted, and the `pause` that stands in for it has passed. Null while none of these holds.
 */
export function idleBy(signs: IdleSigns, spec: RolloutSpec): 'silent' | 'counted' | 'pause' | null {
  const { weight, shared, requests, elapsed, untouched } = signs
  // A route with few requests may go without any for a window: that it leads there counts, not what was seen.
  if (weight > 0 || shared) return null
  // Before a whole window has passed, 0 may only mean that the last requests were not scraped yet.
  const scraped = elapsed >= spec.staleAfter
  // A canary that never started tells nothing, not even 0. Requests that go past the route would be counted all the same.
  if (scraped && untouched && 'missing' in requests && requests.missing === 'empty') return 'silent'
  if (scraped && 'value' in requests && requests.value === 0) return 'counted'
  return spec.requestsQuery === undefined && elapsed >= pauseInstead(spec) ? 'pause' : null
}

/** What stands in for counting where requests can't be counted, in ms. */
export function pauseInstead({ convergencePause, pageAfter }: RolloutSpec): number {
  return convergencePause ?? pageAfter
}
