import type { Redis } from 'ioredis'
import { SlipwayError } from '../errors.ts'
import { connect } from '../ledger/connect.ts'
import { fromRedis } from '../ledger/redis.ts'
import { whyRefused } from '../ledger/why-refused.ts'

/**
 * Opens Redis for one command of the terminal, and closes it. Throws what `use` throws; `ledger-unavailable`, or `ledger-refused` in its
 * place where Redis has said no.
 */
export async function withRedis<T>(url: string, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = connect(url, 'calls')
  const refused = whyRefused(redis)
  try {
    await fromRedis(() => redis.connect())
    return await use(redis)
  } catch (error) {
    const away = error instanceof SlipwayError && error.code === 'ledger-unavailable'
    if (away && refused(error.cause)) throw new SlipwayError('ledger-refused', {}, { cause: error.cause })
    throw error
  } finally {
    redis.disconnect()
  }
}
