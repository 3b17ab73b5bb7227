/** Fewer requests than these on either side that is to get some are too few to tell shares apart. */
const fewest = 20

/** How far a share may be off for reasons of its own, as a part of the smaller of the two shares. */
const slack = 0.25

/** At 0 % and 100 % nothing may go the other way; so much (a share) may be left over from the moment of the change. */
const leftOver = 0.01

/** What counted requests say of the weights. */
export interface Followed {
  readonly follow: 'yes' | 'no' | 'too-few'
  /** The canary's share of the requests in percent; null without any. */
  readonly share: number | null
}

/**
 * Do the requests of the two tracks follow a weight (the canary's, in percent)? The share may be off by a quarter of the smaller one
 * and by three standard deviations of what chance makes of so many requests.
 */
export function followed(weight: number, canary: number, stable: number): Followed {
  const all = canary + stable
  const wanted = weight / 100
  const smaller = Math.min(wanted, 1 - wanted)
  if (all < fewest || (smaller > 0 && all * smaller < fewest))
    return { follow: 'too-few', share: all > 0 ? (canary / all) * 100 : null }
  const found = canary / all
  const allowed = smaller === 0 ? leftOver : slack * smaller + 3 * Math.sqrt((wanted * (1 - wanted)) / all)
  // Without a single request on a side that is to get some, nothing follows.
  const absent = smaller > 0 && (canary === 0 || stable === 0)
  return { follow: !absent && Math.abs(found - wanted) <= allowed ? 'yes' : 'no', share: found * 100 }
}
