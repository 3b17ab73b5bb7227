import { Redis } from 'ioredis'
import { SlipwayError } from '../errors.ts'

/** An answer of Redis that takes longer counts as none (rule 1). */
export const redisPatience = 1_000

/** A connection for the ledger: it fails within a second instead of queueing commands while Redis is away. */
export function connectLedger(url: string): Redis {
  return new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: redisPatience,
    connectTimeout: redisPatience,
    retryStrategy: (attempt) => Math.min(100 * attempt, 1_000),
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  })
}

/** Runs a call to Redis; anything but an answer becomes `ledger-unavailable`. */
export async function fromRedis<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (cause) {
    throw new SlipwayError('ledger-unavailable', { after: redisPatience }, { cause })
  }
}
