/** A source of numbers in [0, 1). */
export type Random = () => number

/** The same numbers for the same seed, so that a run can be repeated (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A factor around 1 that stays within `spread` of it, most often near the middle. */
export function around(random: Random, spread: number): number {
  return 1 + ((random() + random() + random()) / 1.5 - 1) * spread
}
