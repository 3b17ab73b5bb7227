import type { Ledger } from '../../src/ledger/ledger.ts'
import type { Event } from '../../src/rollout/events.ts'

/** A ledger in memory, as strict about versions as the one in Redis. */
export function createMemoryLedger(): Ledger {
  const rollouts = new Map<number, Event[]>()
  let active: number | null = null
  return {
    latest: async () => Math.max(0, ...rollouts.keys()),
    active: async () => active,
    open: async () => [...rollouts.keys()],
    read: async (rollout, from) => (rollouts.get(rollout) ?? []).slice(from),
    async append(rollout, expected, events, holds) {
      const before = rollouts.get(rollout) ?? []
      if (before.length !== expected) return 'conflict'
      if (active !== null && active !== rollout) return 'service-taken'
      rollouts.set(rollout, [...before, ...events])
      active = holds ? rollout : null
      return 'appended'
    },
    close: async () => undefined,
  }
}
