import { SlipwayError } from '../errors.ts'
import { judgeAll, type Readings } from '../rollout/analysis.ts'
import { breachReason, slipway } from '../rollout/decide-rollback.ts'
import type { Actor, Evidence, Undone } from '../rollout/events.ts'
import { breachKey, failedKey, unsentBreaches } from '../rollout/pages.ts'
import type { PointOfNoReturn } from '../rollout/plan.ts'
import { pointPassed } from '../rollout/point-of-no-return.ts'
import {
  endsWithoutTraffic,
  greatestWeight,
  isObserved,
  isOver,
  type Parts,
  type Rollback,
  type State,
  watchedPhase,
} from '../rollout/state.ts'
import { closedBy } from './closed-by.ts'
import { createEmergencyPages } from './emergency-pages.ts'
import { type Failing, failingPod, failingSince, isLasting, podEvidence } from './failing-pods.ts'
import { tell } from './failure.ts'
import { fromMark } from './from-mark.ts'
import { own } from './outcome.ts'
import { breachPage, rollbackFailedPage, withoutRedisPage } from './page-texts.ts'
import type { BrokenGlass, ClusterView } from './ports.ts'
import { readMetrics } from './read-metrics.ts'
import { createRedisBack, pagesAfter } from './redis-back.ts'
import { createUnrecorded } from './unrecorded.ts'
import { viewIfReachable } from './view-if-reachable.ts'
import { evidenceOf } from './watch.ts'
import type { ActingWorld } from './world.ts'

/** Readings kept in memory of a rollout: as many as beside the ledger, enough to confirm any breach. */
const kept = 1_000

/** Why traffic is taken back without the ledger. */
export interface Cause {
  readonly by: Actor
  readonly reason: string
  /** Goes ahead also when stable has no ready pod. */
  readonly forced: boolean
  /** The traffic of this rollout alone; without it, of whichever has any. */
  readonly only?: number
  readonly breach?: { readonly state: State; readonly evidence: Evidence }
}

/**
 * Watching, rolling back and paging while Redis is away (rule 1): from the last state this process has seen, else from the
 * mark on the cluster, with readings in memory. What was done is recorded when Redis is back.
 */
export interface Emergency {
  /** Can this process take traffic back at all? One that only observes can't. */
  readonly canTakeBack: boolean
  /** Keeps readings of better times, so that a breach that began then is confirmed in time. */
  remember(rollout: number, history: readonly Readings[]): void
  /** One look without the ledger at every rollout that this process knows. Redis has been away since `since`. */
  watch(since: number): Promise<void>
  /** A confirmed breach that came from elsewhere, of every rollout whose canary has traffic. Throws when one was not answered. */
  answer(evidenceOf: (state: State) => Evidence): Promise<void>
  /** The point of no return that has been passed, as far as this process can know without the ledger. Never throws. */
  passed(): Promise<PointOfNoReturn | null>
  /** Takes all traffic back now. Throws when the cluster could not be written either. */
  takeBack(cause: Cause): Promise<BrokenGlass>
  /** Redis is away: sends what PagerDuty has not taken yet. */
  sendAgain(): Promise<void>
  /** Records what was done meanwhile; throws while Redis is still away. */
  record(): Promise<void>
  /** Redis answers again: resolves what was paged because it did not, also by another process, and sends what no ledger will. */
  settle(): Promise<void>
}

export function createEmergency(world: ActingWorld): Emergency {
  const memory = new Map<number, readonly Readings[]>()
  /** Pods of a canary that have been failing, by rollout. */
  const failing = new Map<number, Failing>()
  /** For which cause each rollout was taken back. */
  const takenBack = new Map<number, 'person' | 'breach'>()
  const pages = createEmergencyPages(world)
  const unrecorded = createUnrecorded(world, pages)
  const redisBack = createRedisBack(world, unrecorded)

  async function takeBack(cause: Cause): Promise<BrokenGlass> {
    const { by, reason, breach, forced, only } = cause
    // What somebody else drives is not taken out of their hands.
    if (world.rollouts.known().some((s) => isObserved(s) && !isOver(s)))
      throw new SlipwayError('observes-only', { what: 'roll back' })
    const done = await world.breakGlass(closedBy(by, reason), forced ? 'go-ahead' : 'hold', only)
    const { rollout, from, steps } = done
    unrecorded.clearUndone(rollout)
    world.log.warn({ service: done.service, rollout, reason }, 'traffic taken back without Redis')
    const kind = breach === undefined ? 'person' : 'breach'
    const before = takenBack.get(rollout)
    // Once more, after somebody had raised the weight again: on record it is the same act, but for a breach that nobody was called for yet.
    if (before !== undefined && (kind === 'person' || before === 'breach')) return done
    takenBack.set(rollout, kind)
    const at = world.clock.now()
    const record = { type: 'record-break-glass', cause: kind, forced, reason, from, steps, restoredAt: at } as const
    const key = breach && keyFor(breach.state)
    if (breach !== undefined && key !== undefined) await pages.send(breachPage(breach.state, breach.evidence, key))
    const proof = breach && { evidence: breach.evidence }
    const command = { ...record, id: world.newId(), at, by, ...proof }
    unrecorded.add({ rollout, command, ...(key !== undefined && { key }) })
    return done
  }

  /** A breach that could not be answered is paged all the same, and is a breach in the ledger when that is back. */
  async function answerBreach(state: State, evidence: Evidence): Promise<void> {
    const reason = breachReason(evidence)
    try {
      await takeBack({ by: slipway, reason, forced: false, only: state.rollout, breach: { state, evidence } })
    } catch (error) {
      if (isHistory(state, error)) return
      const { rollout } = state
      const key = keyFor(state)
      unrecorded.addOnce({ rollout, command: own(world, { type: 'record-breach', evidence }), key })
      const { what, todo } = tell(error)
      unrecorded.setUndone(rollout, { what, todo })
      await pages.send(breachPage(state, evidence, key, { what, todo }))
      throw error
    }
  }

  /** The key of the breach that is found now; one that was answered and is not recorded yet has its own. */
  function keyFor(state: State): string {
    return breachKey(state, unrecorded.hasAnswered(state.rollout) ? 1 : 0)
  }

  /** The cluster carries a newer rollout: this process has stood still, and what it knows of this one is over. */
  function isHistory({ rollout }: State, error: unknown): boolean {
    if (tell(error).code !== 'newer-fence') return false
    world.log.warn({ err: error, rollout }, 'a newer rollout is under way: nothing is taken back for this one')
    return true
  }

  /** An order that the ledger holds already is carried out without it, and its breach paged if that was not done; so is a failure. */
  async function carryOut(state: State, { by, reason, cause, forced }: Rollback): Promise<void> {
    const { rollout } = state
    try {
      await takeBack({ by, reason, forced: cause === 'person' && forced, only: rollout })
      if (cause === 'breach') takenBack.set(rollout, cause)
    } catch (error) {
      if (isHistory(state, error)) return
      const { code, what, todo } = tell(error)
      const key = failedKey(state)
      unrecorded.setUndone(rollout, { what, todo })
      const breach = unsentBreaches(state).at(-1)?.key
      const command = own(world, { type: 'record-rollback-failure', code, what, todo })
      unrecorded.addOnce({ rollout, command, key, ...(breach !== undefined && { breach }) })
      if (!(await pageUnsent(state, { what, todo })) && !endsWithoutTraffic(state))
        await pages.send(rollbackFailedPage(state, { what, todo }, key))
      throw error
    }
    await pageUnsent(state)
  }

  /** Pages the breaches of the ledger that it had not come to page. False when there are none. */
  async function pageUnsent(state: State, failed?: Undone): Promise<boolean> {
    const unsent = unsentBreaches(state)
    for (const { key, evidence } of unsent) {
      await pages.send(breachPage(state, evidence, key, failed))
      unrecorded.checkLater(state.rollout, key)
    }
    return unsent.length > 0
  }

  /** Is nothing left to carry out, so that a page says what is so? */
  function isCarriedOut({ rollout, rollback }: State): boolean {
    return rollback?.restoredAt !== undefined || takenBack.has(rollout)
  }

  async function watchOne(state: State, since: number): Promise<void> {
    const { parts, spec, rollout } = state
    if (parts === undefined) return
    if (state.rollback !== undefined && !takenBack.has(rollout)) return carryOut(state, state.rollback)
    const view = await viewIfReachable(world)
    const weight = weightOf(state, parts, view)
    if (weight === 0) return
    const failed = view === null ? null : await lastingFailure(state, parts, view)
    if (failed !== null) return answerBreach(state, failed)
    const { phase, since: phaseSince } = watchedPhase(state)
    const now = world.clock.now()
    const { canary, stable } = parts
    const reading = { spec, phase, canary, stable, weight, ran: now - phaseSince }
    const before = memory.get(rollout) ?? []
    const taken = await readMetrics(world, reading)
    const history = [...before, taken].filter((r) => r.phase === phase).slice(-kept)
    memory.set(rollout, history)
    const confirmed = judgeAll(spec, history).find((v) => v.state === 'confirmed')
    if (confirmed !== undefined) return answerBreach(state, await evidenceOf(world, reading, confirmed))
    const tooLong = withoutRedisPage(state, view === null ? null : weight)
    if (now - since < pagesAfter) return
    await pages.send(tooLong)
    // Also where its answer is lost, it may have been taken; and Redis may have come back meanwhile.
    unrecorded.leaveOut(tooLong.key)
  }

  async function answerOne(state: State, evidence: Evidence): Promise<void> {
    if (state.parts === undefined || (state.rollback !== undefined && !takenBack.has(state.rollout))) return
    if (weightOf(state, state.parts, await viewIfReachable(world)) > 0) await answerBreach(state, evidence)
  }

  /**
   * What this process knows to be going on: from the ledger as it was last seen, else from the mark. A rollout that was only being
   * prepared then may have traffic by now: that is not known. Throws when the cluster is not there to tell.
   */
  async function going(): Promise<readonly State[]> {
    const open = world.rollouts.known().filter((s) => !isOver(s) && !isObserved(s) && s.parts !== undefined)
    return open.length > 0 ? open : fromMark(world)
  }

  /**
   * The canary's weight by the cluster: a shift may have been written without a record, and somebody may have raised what was taken
   * back. Unknown, it is the most it can be by Slipway's own doing.
   */
  function weightOf(state: State, { canary }: Parts, view: ClusterView | null): number {
    if (view !== null) return view.route.weights[canary]
    return takenBack.has(state.rollout) ? 0 : greatestWeight(state)
  }

  /** Pods of the canary that have been failing for so long that it is a breach. */
  async function lastingFailure(state: State, parts: Parts, view: ClusterView): Promise<Evidence | null> {
    const { rollout } = state
    const problem = failingPod(state, parts, view)
    const now = world.clock.now()
    const since = failingSince(failing.get(rollout) ?? { since: now, last: now }, now, state.spec.interval)
    if (problem === null) failing.delete(rollout)
    else failing.set(rollout, { since, last: now })
    if (problem === null || !isLasting(problem, now - since)) return null
    return podEvidence(world, problem, view.tracks[parts.stable])
  }

  return {
    canTakeBack: true,
    remember: (rollout, history) => void memory.set(rollout, history.slice(-kept)),
    async passed() {
      // Not knowing keeps nobody from a rollback.
      const states = await going().catch(() => [])
      const undecided = states.filter(({ rollback }) => rollback === undefined)
      return undecided.map(pointPassed).find((point) => point !== null) ?? null
    },
    takeBack,
    async watch(since) {
      redisBack.noteAway()
      const watching = going().then((states) => Promise.all(states.map((state) => watchOne(state, since))))
      // Also of a rollout that is over: the ledger's own pager stands still.
      const unsent = world.rollouts
        .known()
        .filter(isCarriedOut)
        .map((state) => pageUnsent(state))
      await Promise.all([pages.sendAgain(), watching, ...unsent])
    },
    async sendAgain() {
      redisBack.noteAway()
      await pages.sendAgain()
    },
    async answer(evidenceOf) {
      await Promise.all((await going()).map((state) => answerOne(state, evidenceOf(state))))
    },
    record: unrecorded.record,
    async settle() {
      // What has ended needs none of it, and a process lives longer than a release.
      const going = new Set(world.rollouts.known().map(({ rollout }) => rollout))
      for (const kept of [memory, failing])
        for (const rollout of kept.keys()) if (!going.has(rollout)) kept.delete(rollout)
      await redisBack.settle()
      pages.handOver(unrecorded.isUnheld)
      await pages.sendAgain()
    },
  }
}
