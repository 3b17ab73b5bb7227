import { judgeAll, type Readings } from '../rollout/analysis.ts'
import type { Command } from '../rollout/commands.ts'
import { decideFound } from '../rollout/decide-lost.ts'
import { slipway } from '../rollout/decide-rollback.ts'
import { type Actor, type Evidence, schemaVersion } from '../rollout/events.ts'
import { evolve } from '../rollout/evolve.ts'
import { breachKey } from '../rollout/pages.ts'
import { isOver, type State, watchedPhase } from '../rollout/state.ts'
import { foundOf, specOf } from './evidence.ts'
import { tell } from './failure.ts'
import { own } from './outcome.ts'
import { breachPage, withoutRedisPage } from './page-texts.ts'
import type { BrokenGlass, Page } from './ports.ts'
import { readMetrics } from './read-metrics.ts'
import { evidenceOf } from './watch.ts'
import type { World } from './world.ts'

/** Readings kept in memory of a rollout, enough to confirm any breach. */
const kept = 60
/** Redis away for this long, with traffic on the canary, pages (ms): as long as Slack away does. */
const pagesAfter = 5 * 60_000

/** Why traffic is taken back without the ledger. */
export interface Cause {
  readonly by: Actor
  readonly reason: string
  readonly breach?: { readonly state: State; readonly evidence: Evidence }
}

/**
 * Watching, rolling back and paging while Redis is away (rule 1): from the last state this process has seen, else from the
 * mark on the cluster, with readings in memory. What was done is recorded when Redis is back.
 */
export interface Emergency {
  /** Keeps readings of better times, so that a breach that began then is confirmed in time. */
  remember(rollout: number, history: readonly Readings[]): void
  /** One look without the ledger at every rollout that this process knows. Redis has been away since `since`. */
  watch(since: number): Promise<void>
  /** Takes all traffic back now. Throws when the cluster could not be written either. */
  takeBack(cause: Cause): Promise<BrokenGlass>
  /** Records what was done meanwhile; throws while Redis is still away. */
  record(): Promise<void>
  /** Redis answers again: resolves what was paged because it did not. */
  settle(): Promise<void>
}

export function createEmergency(world: World): Emergency {
  const memory = new Map<number, readonly Readings[]>()
  const unrecorded: { readonly rollout: number; readonly command: Command }[] = []
  const takenBack = new Set<number>()
  /** Keys of the pages about Redis itself: no ledger knows them. */
  const paged = new Set<string>()

  async function takeBack(cause: Cause): Promise<BrokenGlass> {
    const { by, reason, breach } = cause
    const done = await world.breakGlass(`${by.id} (${reason})`, by.via === 'slipway' ? 'hold' : 'go-ahead')
    const { rollout, from, steps } = done
    if (takenBack.has(rollout)) return done
    takenBack.add(rollout)
    const at = world.clock.now()
    const kind = breach === undefined ? ('person' as const) : ('breach' as const)
    const record = {
      type: 'record-break-glass',
      cause: kind,
      forced: true,
      reason,
      from,
      steps,
      restoredAt: at,
    } as const
    world.log.warn({ service: done.service, rollout, reason }, 'traffic taken back without Redis')
    const link =
      breach === undefined ? null : await page(breachPage(breach.state, breach.evidence, breachKey(breach.state)))
    const proof = { ...(breach && { evidence: breach.evidence }), ...(link !== null && { link }) }
    unrecorded.push({ rollout, command: { ...record, id: world.newId(), at, by, ...proof } })
    return done
  }

  /** Where the incident can be seen; null when PagerDuty does not answer: then the ledger's own page follows later. */
  async function page(what: Page): Promise<string | null> {
    try {
      return (await world.paging.trigger(what)).link
    } catch (error) {
      const { what: happened, todo } = tell(error)
      world.log.error({ err: error, key: what.key }, `${happened} ${todo}`)
      return null
    }
  }

  async function watchOne(state: State, since: number): Promise<void> {
    const { parts, spec, rollout } = state
    if (parts === undefined || takenBack.has(rollout)) return
    // Only the ledger knew: an order that it holds already is carried out without it.
    if (state.rollback !== undefined) {
      await takeBack({ by: state.rollback.by, reason: state.rollback.reason })
      return
    }
    if (state.weight === 0) return
    const { phase, since: phaseSince } = watchedPhase(state)
    const now = world.clock.now()
    const { canary, stable } = parts
    const reading = { spec, phase, canary, stable, weight: state.weight, ran: now - phaseSince }
    const before = memory.get(rollout) ?? []
    const taken = await readMetrics(world, reading)
    const history = [...before, taken].filter((r) => r.phase === phase).slice(-kept)
    memory.set(rollout, history)
    const confirmed = judgeAll(spec, history).find((v) => v.state === 'confirmed')
    if (confirmed !== undefined) {
      const evidence = await evidenceOf(world, reading, confirmed)
      await takeBack({ by: slipway, reason: `${evidence.metric} over its limit`, breach: { state, evidence } })
      return
    }
    const tooLong = withoutRedisPage(state)
    if (now - since >= pagesAfter && !paged.has(tooLong.key) && (await page(tooLong)) !== null) paged.add(tooLong.key)
  }

  /** What the mark on the cluster tells a process that was started after Redis had gone. */
  async function fromMark(): Promise<readonly State[]> {
    const view = await world.cluster.view()
    const { mark } = view.route
    if (mark === null || mark.closed || view.route.weights[mark.canary] === 0) return []
    const found = own(world, { type: 'record-found', spec: specOf(world, view, mark), ...foundOf(view, mark) } as const)
    const decision = decideFound(found)
    if ('refusal' in decision) return []
    const head = { v: schemaVersion, service: mark.service, rollout: mark.rollout, at: Date.parse(mark.at) } as const
    const state = decision.events.reduce<State | null>(
      (before, body, i) => evolve(before, { ...body, ...head, version: i + 1, command: found.id }),
      null,
    )
    return state === null ? [] : [state]
  }

  return {
    remember: (rollout, history) => void memory.set(rollout, history.slice(-kept)),
    takeBack,
    async watch(since) {
      const open = world.rollouts.known().filter((s) => !isOver(s))
      const states = open.length > 0 ? open : await fromMark()
      await Promise.all(states.map((state) => watchOne(state, since)))
    },
    async record() {
      for (let next = unrecorded[0]; next !== undefined; next = unrecorded[0]) {
        await world.rollouts.execute(next.rollout, next.command)
        unrecorded.shift()
      }
    },
    async settle() {
      for (const key of paged) {
        await world.paging.resolve(key)
        paged.delete(key)
      }
    },
  }
}
