/** A bucket: it holds `burst` calls at most and gets one back every `every` ms. */
export interface Allowance {
  readonly burst: number
  readonly every: number
}

/** Counts calls. */
export interface RateLimit {
  /** Counts a call; 0 when it may be made, otherwise for how long to leave it, in s. */
  count(key: string, allowance: Allowance): number
}

/** `now` is in ms. */
export function createRateLimit(now: () => number): RateLimit {
  /** When each bucket will be full again. */
  const full = new Map<string, number>()
  return {
    count(key, { burst, every }) {
      const at = now()
      const next = Math.max(full.get(key) ?? at, at) + every
      const early = next - at - burst * every
      if (early > 0) return Math.ceil(early / 1_000)
      full.set(key, next)
      return 0
    },
  }
}
