import type { Emergency } from './jobs/emergency.ts'
import { isLedgerAway } from './jobs/failure.ts'
import { loadIfReadable } from './jobs/load-if-readable.ts'
import type { World } from './jobs/world.ts'
import type { Beside } from './ledger/beside.ts'
import type { Rollouts } from './ledger/rollouts.ts'

/** Time between two rounds, in ms. */
const every = 5_000

/**
 * What an `app` that does no work itself still does regularly: it notes that it reaches Slack, as only it knows, records
 * what it did while Redis was away, and looks where the open rollouts are: that is what it acts on once Redis is away. Workers do
 * all of it in the watch loop.
 */
export async function runAppLoop(
  {
    beside,
    clock,
    log,
    reach,
    rollouts,
  }: Pick<World, 'clock' | 'log' | 'reach'> & {
    readonly beside: Pick<Beside, 'hear'>
    readonly rollouts: Pick<Rollouts, 'load' | 'open'>
  },
  emergency: Pick<Emergency, 'record' | 'sendAgain' | 'settle'>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await emergency.record()
      for (const rollout of await rollouts.open()) await loadIfReadable(rollouts, rollout)
      // Before what may wait for PagerDuty: nobody else knows it.
      if ((await reach?.reachable()) === true) await beside.hear(clock.now())
      await emergency.settle()
    } catch (error) {
      if (isLedgerAway(error)) await emergency.sendAgain()
      else log.error({ err: error }, 'what was done without Redis could not be recorded')
    }
    await clock.wait(every, signal).catch(() => undefined)
  }
}
