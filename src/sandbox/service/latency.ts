import { upperTail } from '../../rollout/normal-distribution.ts'

/** Upper bounds of the histogram's buckets in seconds; the last is +Inf. */
export const latencyBounds: readonly number[] = [
  0.025,
  0.05,
  0.1,
  0.15,
  0.2,
  0.3,
  0.4,
  0.5,
  0.75,
  1,
  1.5,
  2,
  3,
  5,
  10,
  Number.POSITIVE_INFINITY,
]

/** Nearly every request takes about 90 ms; one in two hundred waits for something slow. */
const parts = [
  { share: 0.995, median: 0.09, spread: 0.5 },
  { share: 0.005, median: 0.6, spread: 0.4 },
] as const

/** The shares of requests within each bound, where every request takes `slowdown` times its healthy time. */
export function sharesWithin(slowdown: number): readonly number[] {
  return latencyBounds.map((bound) =>
    bound === Number.POSITIVE_INFINITY
      ? 1
      : parts.reduce(
          (sum, part) => sum + part.share * upperTail(Math.log((part.median * slowdown) / bound) / part.spread),
          0,
        ),
  )
}

/** Mean time of a request in seconds. */
export function meanLatency(slowdown: number): number {
  return parts.reduce((sum, part) => sum + part.share * part.median * slowdown * Math.exp(part.spread ** 2 / 2), 0)
}
