import { chained, chainStart } from '../../../src/ledger/chain.ts'
import type { Appended, Ledger } from '../../../src/ledger/ledger.ts'
import type { Event } from '../../../src/rollout/events.ts'
import type { SimulatedProcess } from '../process.ts'
import type { Witness } from '../witness.ts'
import { callRedis } from './call.ts'
import type { Redis } from './data.ts'

/** The ledger in memory, as strict about versions as the one in Redis, and no stricter. */
export function createLedger(redis: Redis, process: SimulatedProcess, witness: Witness): Ledger {
  function append(rollout: number, expected: number, events: readonly Event[], holds: boolean): Appended {
    const { data } = redis
    const before = data.events.get(rollout) ?? []
    if (before.length !== expected) return 'conflict'
    if (before.length === 0) {
      if (data.active !== null) return 'service-taken'
      if (data.latest >= rollout) return 'conflict'
      data.latest = rollout
    }
    const linked = chained(events, before.at(-1)?.hash ?? chainStart)
    data.events.set(rollout, [...before, ...linked])
    data.open.add(rollout)
    if (holds) data.active = rollout
    else if (data.active === rollout) data.active = null
    witness.appended(process.name, rollout, linked)
    return linked
  }
  const call = <T>(name: string, act: () => T) => callRedis(process, name, act)
  return {
    latest: () => call('latest', () => redis.data.latest),
    active: () => call('active', () => redis.data.active),
    open: () => call('open', () => [...redis.data.open].sort((a, b) => a - b)),
    read: (rollout, from) => call('read', () => (redis.data.events.get(rollout) ?? []).slice(from)),
    append: (rollout, expected, events, holds) => call('append', () => append(rollout, expected, events, holds)),
    close: (rollout, version) =>
      call('close', () => {
        if ((redis.data.events.get(rollout) ?? []).length === version) redis.data.open.delete(rollout)
      }),
  }
}
