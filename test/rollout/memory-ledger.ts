import { SlipwayError } from '../../src/errors.ts'
import { chained, chainStart } from '../../src/ledger/chain.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import type { Event } from '../../src/rollout/events.ts'

/** A ledger in memory that can be away, or only refuse to write, and come back older. */
export interface MemoryLedger extends Ledger {
  away: boolean
  full: boolean
  /** Keeps the first `length` events of a rollout; 0 forgets it altogether. */
  cut(rollout: number, length: number): void
}

/** A ledger in memory, as strict about versions as the one in Redis. */
export function createMemoryLedger(): MemoryLedger {
  const rollouts = new Map<number, Event[]>()
  let active: number | null = null

  function whenThere<T>(value: T): T {
    if (ledger.away) throw new SlipwayError('ledger-unavailable', { after: 1_000 })
    return value
  }

  const ledger: MemoryLedger = {
    away: false,
    full: false,
    cut(rollout, length) {
      const events = (rollouts.get(rollout) ?? []).slice(0, length)
      if (length > 0) rollouts.set(rollout, events)
      else rollouts.delete(rollout)
      active = length > 0 ? rollout : null
    },
    latest: async () => whenThere(Math.max(0, ...rollouts.keys())),
    active: async () => whenThere(active),
    open: async () => whenThere([...rollouts.keys()]),
    read: async (rollout, from) => whenThere((rollouts.get(rollout) ?? []).slice(from)),
    async append(rollout, expected, events, holds) {
      if (ledger.full) throw new SlipwayError('ledger-unavailable', { after: 1_000 })
      const before = whenThere(rollouts.get(rollout) ?? [])
      if (before.length !== expected) return 'conflict'
      if (before.length === 0 && active !== null) return 'service-taken'
      const linked = chained(events, before.at(-1)?.hash ?? chainStart)
      rollouts.set(rollout, [...before, ...linked])
      if (holds) active = rollout
      else if (active === rollout) active = null
      return linked
    },
    close: async () => undefined,
  }
  return ledger
}
