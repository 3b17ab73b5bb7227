import { SlipwayError } from '../../../src/errors.ts'
import { redisPatience } from '../../../src/ledger/redis.ts'
import type { SimulatedProcess } from '../process.ts'

const failed = () => new SlipwayError('ledger-unavailable', { after: redisPatience })

/** What only reads, by name. */
const reads: ReadonlySet<string> = new Set([
  ...['latest', 'active', 'open', 'read', 'readings', 'observed', 'heard', 'cursor', 'cursors', 'note'],
  ...['find report', 'newest report', 'the lock', 'find on record', 'head of the record'],
])

/** Runs one command of Redis for a process. */
export function callRedis<T>(process: SimulatedProcess, name: string, act: () => T): Promise<T> {
  return process.call({ system: 'redis', name, reads: reads.has(name), act, failed })
}
