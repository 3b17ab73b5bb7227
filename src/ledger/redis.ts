import { SlipwayError } from '../errors.ts'

/** An answer of Redis that takes longer counts as none (rule 1). */
export const redisPatience = 1_000

/** Runs a call to Redis; anything but an answer becomes `ledger-unavailable`. */
export async function fromRedis<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (cause) {
    throw new SlipwayError('ledger-unavailable', { after: redisPatience }, { cause })
  }
}
