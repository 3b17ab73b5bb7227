import { SlipwayError } from '../errors.ts'
import type { Track } from '../rollout/plan.ts'
import type { ManagedRoute } from './find-route.ts'

/** The other of the two tracks. */
export function other(track: Track): Track {
  return track === 'blue' ? 'green' : 'blue'
}

/**
 * The canary's part of the pair's sum for a weight in percent. Rounded down, so that it never gets more than was signed for,
 * but at least 1 when it is to get anything: a phase without traffic would prove nothing.
 */
export function shareOf(sum: number, weight: number): number {
  if (weight <= 0) return 0
  return Math.min(sum, Math.max(1, Math.floor((sum * weight) / 100)))
}

/** Throws `weights-too-coarse` when the pair's sum is so small that the canary would get more than `weight` percent. */
export function refuseCoarse(route: ManagedRoute, weight: number): void {
  const sum = managedSum(route)
  if (sum === 0 || !isCoarse(sum, weight)) return
  throw new SlipwayError('weights-too-coarse', { what: route.what, sum, weight })
}

/** Is the sum so small that the canary's part, at least 1, is more than `weight` percent? */
function isCoarse(sum: number, weight: number): boolean {
  return shareOf(sum, weight) * 100 > weight * sum
}

/** The pair's weights, as written down, when the canary gets `weight` percent. Their sum stays. */
export function splitFor(sum: number, canary: Track, weight: number): Readonly<Record<Track, number>> {
  const share = shareOf(sum, weight)
  return canary === 'blue' ? { blue: share, green: sum - share } : { blue: sum - share, green: share }
}

/**
 * A track's share of the pair in percent. What the mark ordered counts as ordered (5 % of a sum of 90 is written as 4, which
 * reads as 5 again), unless Slipway would not have written it: 1 of a sum of 2 is half. Anything else is rounded to two places.
 */
export function percentOf(route: ManagedRoute, track: Track): number {
  const { sum, mark } = route
  if (sum === 0) return 0
  if (mark && !isCoarse(sum, mark.weight) && shareOf(sum, mark.weight) === route.pair[mark.canary].weight) {
    return track === mark.canary ? mark.weight : 100 - mark.weight
  }
  return Math.round((route.pair[track].weight * 10_000) / sum) / 100
}

/** Does a track get `weight` percent, as it is written for that or as it is read? */
export function gets(route: ManagedRoute, track: Track, weight: number): boolean {
  const written = !isCoarse(route.sum, weight) && route.pair[track].weight === shareOf(route.sum, weight)
  return written || percentOf(route, track) === weight
}

/** What the pair's weights add up to; from the mark when somebody took both to 0. */
export function managedSum(route: ManagedRoute): number {
  return route.sum > 0 ? route.sum : (route.mark?.sum ?? 0)
}

/** The pair's weights that give `stable` everything. */
export function allTo(route: ManagedRoute, stable: Track): Readonly<Record<Track, number>> {
  return splitFor(managedSum(route), other(stable), 0)
}

/** Both weights as people read them: `blue 95, green 5`. */
export function weightsText(weights: Readonly<Record<Track, number>>): string {
  return `blue ${weights.blue}, green ${weights.green}`
}

/** The pair's weights as they are written down. */
export function writtenWeights(route: ManagedRoute): Readonly<Record<Track, number>> {
  return { blue: route.pair.blue.weight, green: route.pair.green.weight }
}
