import { Redis } from 'ioredis'
import { z } from 'zod'
import type { SentinelAddress } from '../config/redis-url.ts'

/** How long a sentinel may take to answer, in ms. */
const patience = 300

/** Do most sentinels name the process with this run id as master, and does none of them know of a failover that is under way? */
export async function isNamed(address: SentinelAddress, id: string): Promise<boolean> {
  const told = await Promise.all(address.sentinels.map((one) => masterOf(address, one)))
  const named = told.filter((master) => master?.id === id)
  return named.length * 2 > address.sentinels.length && !told.some((master) => master?.isFailingOver)
}

const fields = z.array(z.string())

/** What one sentinel says of the master; null when it does not answer. */
async function masterOf(
  { name, password, tls }: SentinelAddress,
  { host, port }: SentinelAddress['sentinels'][number],
): Promise<{ readonly id: string; readonly isFailingOver: boolean } | null> {
  const sentinel = new Redis({
    host,
    port,
    lazyConnect: true,
    connectTimeout: patience,
    commandTimeout: patience,
    retryStrategy: null,
    ...(password !== undefined && { password }),
    ...(tls && { tls: {} }),
  })
  sentinel.on('error', () => undefined)
  try {
    await sentinel.connect()
    const answer = fields.parse(await sentinel.call('SENTINEL', 'MASTER', name))
    const field = (key: string) => answer[answer.indexOf(key) + 1] ?? ''
    return { id: field('runid'), isFailingOver: field('flags').includes('failover_in_progress') }
  } catch {
    return null
  } finally {
    sentinel.disconnect()
  }
}
