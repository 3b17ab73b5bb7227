import { isWithin } from '../clock.ts'
import { isObserved, isOver, type State } from '../rollout/state.ts'
import type { Emergency } from './emergency.ts'
import { lookForEvidence } from './evidence.ts'
import { isLedgerAway, tell } from './failure.ts'
import { createFollower } from './follow.ts'
import { loadIfReadable } from './load-if-readable.ts'
import { observe } from './observe.ts'
import { own } from './outcome.ts'
import { watchRecovery } from './recovery.ts'
import { reachEvery, unreachableSince } from './slack-heard.ts'
import type { Starter } from './starter.ts'
import { sweep } from './sweep.ts'
import { tidyAutoscalers } from './tidy-autoscalers.ts'
import { watch } from './watch.ts'
import type { ActingWorld, World } from './world.ts'

const sweepEvery = 2_000
const refreshEvery = 15_000
const evidenceEvery = 10_000
const tidyEvery = 30_000
/** A lease that another process holds is asked for again after a tenth of its length, at the latest after this (ms): the work of one that died waits no longer. */
const latestAgain = 500
/** A round takes a second or two while Redis does not answer; after one of more than this (ms) the process has stood still. */
const stoodStill = 5_000

/**
 * Looks after every open rollout: watches it once an interval, lets time pass, sweeps. Every process runs this loop;
 * leases share the work, and their time to live is the cadence. While Redis is away each process watches by itself.
 * `round` (ms) is the time between two rounds, and how much shorter a watch's lease is than its interval. `acting` is the same
 * world with what writes to the cluster; null where Slipway only observes.
 */
export async function runWatchLoop(
  world: World,
  acting: ActingWorld | null,
  starter: Starter,
  emergency: Emergency,
  signal: AbortSignal,
  round = 100,
): Promise<void> {
  const busy = new Set<string>()
  const last = new Map<string, number>()
  const taken = new Map<string, number>()
  const refused = new Map<string, number>()
  const began = world.clock.now()
  const follow = createFollower(world)
  let aloneSince: number | null = null
  let lastRound = began
  /** Redis may answer and refuse to write (full, without its replicas, its disk gone): known by what could not be written last. */
  let refuses = false

  /** Runs work beside the loop, once at a time for each name; faults are told and tried again at the next round. */
  function beside(name: string, work: () => Promise<void>): void {
    if (busy.has(name)) return
    busy.add(name)
    void run(name, work)
  }

  async function run(name: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (isLedgerAway(error)) refuses = true
      else world.log.warn({ err: error, work: name }, 'a look at a rollout failed; the next one follows')
    } finally {
      busy.delete(name)
    }
  }

  async function withLease(name: string, ms: number, work: () => Promise<void>): Promise<void> {
    const now = world.clock.now()
    // Its own lease still runs, or another's has just been found: asking Redis every round would find that, too.
    if (isWithin(ms, timeOf(taken, name), now)) return
    if (isWithin(Math.min(ms / 10, latestAgain), timeOf(refused, name), now)) return
    const lease = await world.leases.take(name, ms)
    const asked = lease === null ? refused : taken
    asked.set(name, now)
    if (lease !== null) await work()
  }

  /** Is it this process's time again? For what every process does by itself. */
  function isTime(name: string, every: number): boolean {
    const now = world.clock.now()
    if (isWithin(every, timeOf(last, name), now)) return false
    last.set(name, now)
    return true
  }

  function lookAfter(state: State, unreachableSince: number | null): void {
    const { rollout, spec } = state
    beside(`watch-${rollout}`, () =>
      withLease(`watch-${rollout}`, spec.interval - round, async () => {
        if (isOver(state)) return watchRecovery(world, state)
        const history = await (isObserved(state) ? observe(world, state) : watch(world, state))
        if (history.length > 0) emergency.remember(rollout, history)
      }).catch((error: unknown) => {
        // A breach that could not be recorded does not wait for the next look.
        if (isLedgerAway(error)) watchAlone(world.clock.now())
        throw error
      }),
    )
    beside(`tick-${rollout}`, async () => {
      await world.rollouts.execute(rollout, own(world, { type: 'tick', unreachableSince }), state)
    })
    beside(`sweep-${rollout}`, () => withLease(`sweep-${rollout}`, sweepEvery, () => sweep(world, starter, state)))
    beside(`refresh-${rollout}`, () =>
      withLease(`refresh-${rollout}`, refreshEvery, () => starter.startProjections(rollout, ['card'])),
    )
  }

  async function hearSlack(): Promise<void> {
    if (world.reach !== null && (await world.reach.reachable())) await world.beside.hear(world.clock.now())
  }

  /** A look without Redis, which has been away since then, at most once an interval. */
  function watchAlone(since: number): void {
    const interval = Math.min(...world.rollouts.known().map((s) => s.spec.interval), world.config.release.interval)
    if (isTime('alone', interval - round)) beside('alone', () => emergency.watch(since))
  }

  async function tryToWrite(): Promise<void> {
    await world.leases.take('write', round)
    refuses = false
  }

  async function lookAfterAll(): Promise<void> {
    await emergency.record()
    if (refuses) await tryToWrite()
    if (isTime('reach', reachEvery)) beside('reach', hearSlack)
    if (acting !== null) {
      beside('evidence', () => withLease('evidence', evidenceEvery, () => lookForEvidence(world)))
      beside('autoscalers', () => withLease('autoscalers', tidyEvery, () => tidyAutoscalers(acting)))
    }
    // Every process remembers by itself who had the traffic before.
    else if (isTime('follow', world.config.release.interval - round)) beside('follow', follow)
    // Never heard: since this process could have. One without a connection of its own can't tell.
    const since = await unreachableSince(world, world.reach === null ? null : began)
    for (const rollout of await world.rollouts.open()) {
      const state = await loadIfReadable(world.rollouts, rollout, (error) => tellUnreadable(rollout, error))
      if (state !== null) lookAfter(state, since)
    }
  }

  while (!signal.aborted) {
    try {
      await lookAfterAll()
      if (isTime('settle', reachEvery)) beside('settle', () => emergency.settle())
      if (aloneSince !== null) world.log.info({ since: aloneSince }, 'Redis is back')
      aloneSince = null
    } catch (error) {
      if (!isLedgerAway(error)) world.log.error({ err: error }, 'the ledger could not be read; see the cause')
      if (aloneSince === null) world.log.warn({}, 'Redis is away; watching goes on from memory')
      aloneSince ??= world.clock.now()
      // Who has stood still knows what was: one more look at Redis comes first.
      if (isWithin(stoodStill, lastRound, world.clock.now())) watchAlone(aloneSince)
    }
    lastRound = world.clock.now()
    await world.clock.wait(round, signal).catch(() => undefined)
  }

  /** A rollout that this process can't read is left to those that can; it is told once. */
  function tellUnreadable(rollout: number, error: unknown): void {
    if (!isTime(`unreadable-${rollout}`, Number.POSITIVE_INFINITY)) return
    const { code, what, todo } = tell(error)
    world.log[code === 'ledger-newer-schema' ? 'warn' : 'error']({ err: error, rollout }, `${what} ${todo}`)
  }
}

const timeOf = (times: ReadonlyMap<string, number>, name: string) => times.get(name) ?? Number.NEGATIVE_INFINITY
