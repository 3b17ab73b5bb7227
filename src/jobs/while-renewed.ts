import { SlipwayError } from '../errors.ts'
import type { Lease } from '../ledger/leases.ts'
import type { Clock } from './ports.ts'

/** Why the lease is renewed no more: made once, as an error costs more than the rest of a short piece of work. */
const worked = new Error('the work is done')

/** How long the lease of a process that died keeps others waiting, in ms. One that lives renews it. */
export const leaseFor = 4_000

/**
 * Runs `work`, however long it takes, and keeps the lease meanwhile, which was taken or renewed at `renewedAt` (ms since 1970). `check` throws
 * `lease-lost` when another process may be at it by now: called right before anything that others see.
 */
export async function whileRenewed(
  clock: Clock,
  lease: Lease,
  renewedAt: number,
  work: (check: () => void) => Promise<void>,
): Promise<void> {
  const end = new AbortController()
  let last = renewedAt
  // A process that stood still (a paused machine) is not told that its lease has run out.
  const check = () => {
    if (clock.now() - last > leaseFor / 2) throw new SlipwayError('lease-lost', {})
  }
  const renewing = (async () => {
    while (!end.signal.aborted) {
      await clock.wait(leaseFor / 3, end.signal)
      const at = clock.now()
      if (await lease.renew(leaseFor)) last = at
    }
  })()
  // Redis away: the lease runs out, and whoever takes it next looks up what was done.
  renewing.catch(() => undefined)
  try {
    await work(check)
  } finally {
    end.abort(worked)
  }
}
