import type { Locks } from '../../src/ledger/locks.ts'
import type { Lock } from '../../src/rollout/hold.ts'

/** Where a lock in memory is kept. What stands there is never changed, only replaced. */
export interface LockData {
  lock: { readonly lock: Lock; readonly lifted: string | null; readonly liftedAt: number } | null
}

/** The lock of a service in memory; `call` makes each access. */
export function createMemoryLocks(
  data: () => LockData,
  call: <T>(name: string, act: () => T) => Promise<T> = async (_, act) => act(),
): Locks {
  return {
    present: () =>
      call('the lock', () => {
        const held = data().lock
        return held === null || held.lifted !== null ? null : held.lock
      }),
    lock: (lock) =>
      call(`lock ${lock.id}`, () => {
        const held = data().lock
        if (held !== null && (held.lock.id === lock.id || held.lifted === null)) return held.lock
        const liftedAt = held?.liftedAt ?? 0
        if (liftedAt > lock.at) return 'unlocked-since'
        data().lock = { lock, lifted: null, liftedAt }
        return lock
      }),
    unlock: (command, at) =>
      call(`unlock ${command}`, () => {
        const held = data().lock
        if (held === null || (held.lifted !== null && held.lifted !== command)) return null
        if (held.lifted === null && held.lock.at > at) return 'locked-since'
        if (held.lifted === null) data().lock = { ...held, lifted: command, liftedAt: at }
        return held.lock
      }),
  }
}
