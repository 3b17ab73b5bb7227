import { SlipwayError } from '../../../src/errors.ts'
import { redisPatience } from '../../../src/ledger/redis.ts'
import type { SimulatedProcess } from '../process.ts'

const failed = () => new SlipwayError('ledger-unavailable', { after: redisPatience })

/** Runs one command of Redis for a process. */
export function callRedis<T>(process: SimulatedProcess, name: string, act: () => T): Promise<T> {
  return process.call({ system: 'redis', name, act, failed })
}
