import { isOver, type State } from '../rollout/state.ts'
import type { Emergency } from './emergency.ts'
import { isLedgerAway } from './failure.ts'
import { own } from './outcome.ts'
import { watchRecovery } from './recovery.ts'
import type { Starter } from './starter.ts'
import { sweep } from './sweep.ts'
import { watch } from './watch.ts'
import type { World } from './world.ts'

const sweepEvery = 2_000
const refreshEvery = 15_000

/**
 * Looks after every open rollout: watches it once an interval, lets time pass, sweeps. Every process runs this loop;
 * leases share the work, and their time to live is the cadence. While Redis is away each process watches by itself.
 * `round` (ms) is the time between two rounds, and how much shorter a watch's lease is than its interval.
 */
export async function runWatchLoop(
  world: World,
  starter: Starter,
  emergency: Emergency,
  signal: AbortSignal,
  round = 100,
): Promise<void> {
  const busy = new Set<string>()
  let aloneSince: number | null = null
  let lookedAlone = 0

  /** Runs work beside the loop, once at a time for each name; faults are told and tried again at the next round. */
  function beside(name: string, work: () => Promise<void>): void {
    if (busy.has(name)) return
    busy.add(name)
    work()
      .catch((error: unknown) => {
        if (!isLedgerAway(error))
          world.log.warn({ err: error, work: name }, 'a look at a rollout failed; the next one follows')
      })
      .finally(() => busy.delete(name))
  }

  async function withLease(name: string, ms: number, work: () => Promise<void>): Promise<void> {
    if ((await world.leases.take(name, ms)) !== null) await work()
  }

  function lookAfter(state: State): void {
    const { rollout, spec } = state
    beside(`watch-${rollout}`, () =>
      withLease(`watch-${rollout}`, spec.interval - round, async () => {
        if (isOver(state)) return watchRecovery(world, state)
        const history = await watch(world, state)
        if (history.length > 0) emergency.remember(rollout, history)
      }),
    )
    beside(`tick-${rollout}`, async () => {
      await world.rollouts.execute(rollout, own(world, { type: 'tick' }))
    })
    beside(`sweep-${rollout}`, () => withLease(`sweep-${rollout}`, sweepEvery, () => sweep(world, starter, state)))
    beside(`refresh-${rollout}`, () =>
      withLease(`refresh-${rollout}`, refreshEvery, () => starter.startProjections(rollout, state.version, ['card'])),
    )
  }

  while (!signal.aborted) {
    try {
      await emergency.record()
      for (const rollout of await world.rollouts.open()) {
        const state = await world.rollouts.load(rollout)
        if (state !== null) lookAfter(state)
      }
      if (aloneSince !== null) world.log.info({ since: aloneSince }, 'Redis is back')
      aloneSince = null
    } catch (error) {
      if (!isLedgerAway(error)) world.log.error({ err: error }, 'the ledger could not be read; see the cause')
      if (aloneSince === null) world.log.warn({}, 'Redis is away; watching goes on from memory')
      aloneSince ??= world.clock.now()
      const interval = Math.min(...world.rollouts.known().map((s) => s.spec.interval), 10_000)
      if (world.clock.now() - lookedAlone >= interval - round) {
        lookedAlone = world.clock.now()
        beside('alone', () => emergency.watch())
      }
    }
    await world.clock.wait(round, signal).catch(() => undefined)
  }
}
