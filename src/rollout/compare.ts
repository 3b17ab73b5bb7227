import type { Comparison } from './plan.ts'
import { rankTest } from './rank-test.ts'

/** Both tracks' values of one metric, read at the same moment. */
export interface Pair {
  readonly at: number
  readonly canary: number
  readonly stable: number
}

/** How the canary stands beside stable so far. */
export interface Compared {
  /** `gathering`: too few readings yet to say anything, or to find any canary worse. */
  readonly verdict: 'gathering' | 'not-worse' | 'worse'
  /** The readings that count, oldest first. */
  readonly pairs: readonly Pair[]
  /** How likely readings like these are from a canary that is no worse than tolerated. */
  readonly p: number
  /** In which share of pairs the canary is worse than tolerated. */
  readonly effect: number
}

/**
 * Is the canary worse than stable by more than tolerated? `readings` are those of one phase, oldest first. Windows that
 * overlap share their requests, so only readings `spacing` ms apart count: the test takes its values to be independent.
 */
export function compareTracks(comparison: Comparison, readings: readonly Pair[], spacing: number): Compared {
  const { worse, tolerance } = comparison
  const pairs = apart(readings, spacing)
  const canary = pairs.map((p) => p.canary)
  const tolerated = pairs.map((p) => p.stable * (worse === 'higher' ? 1 + tolerance : 1 - tolerance))
  const test = worse === 'higher' ? rankTest(canary, tolerated) : rankTest(tolerated, canary)
  const { p, superiority: effect } = test
  const isWorse = p < comparison.significance && effect >= comparison.effect
  // A rollout that was frozen with fewer may still be found worse, by equal values; not being found so says nothing.
  const few =
    pairs.length < comparison.readings ||
    (!isWorse && pairs.length < (fewestReadings(comparison.significance) ?? Number.POSITIVE_INFINITY))
  return { verdict: few ? 'gathering' : isWorse ? 'worse' : 'not-worse', pairs, p, effect }
}

/** Nobody means a significance that takes more. */
const mostWanted = 100

/** How many readings of each track it takes until the canary can be found worse at all; undefined when no number of them is enough. */
export function fewestReadings(significance: number): number | undefined {
  return Array.from({ length: mostWanted }, (_, i) => i + 1).find((count) => {
    const stable = Array.from({ length: count }, (_, i) => i)
    const apart = stable.map((value) => value + count)
    return rankTest(apart, stable).p < significance
  })
}

/** Every reading that comes at least `spacing` ms after the last one taken. */
function apart(readings: readonly Pair[], spacing: number): readonly Pair[] {
  const taken: Pair[] = []
  for (const reading of readings) {
    const last = taken.at(-1)
    if (last === undefined || reading.at - last.at >= spacing) taken.push(reading)
  }
  return taken
}

/** The middle value, or the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const low = sorted[Math.ceil(middle) - 1] ?? Number.NaN
  const high = sorted[Math.floor(middle)] ?? Number.NaN
  return (low + high) / 2
}
