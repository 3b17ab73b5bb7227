import { around, type Random } from './random.ts'

/** Requests a second on average, and how far the time of the day takes them up and down. */
const mean = 1_260
const wave = 0.08
/** Length of a day in seconds. */
const day = 86_400

/** Requests a second, `time` seconds after a day's average moment: the day's wave, and what chance makes of it. */
export function requestRate(time: number, random: Random): number {
  return mean * (1 + wave * Math.sin((2 * Math.PI * time) / day)) * around(random, 0.05)
}
