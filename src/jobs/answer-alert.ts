import type { Evidence } from '../rollout/events.ts'
import { isOver, isWatched, type State } from '../rollout/state.ts'
import { toldAgainWithin } from './breach-lasts.ts'
import type { Emergency } from './emergency.ts'
import { isLedgerAway } from './failure.ts'
import { loadIfReadable } from './load-if-readable.ts'
import { own } from './outcome.ts'
import { viewIfReachable } from './view-if-reachable.ts'
import type { World } from './world.ts'

/** An alert that fires, and that the configuration maps to the service. */
export interface FiringAlert {
  /** How people call it. */
  readonly title: string
  readonly summary: string
  /** ms since 1970. */
  readonly startsAt: number
  /** Alertmanager's own id of it. */
  readonly fingerprint: string
}

/**
 * A firing alert is a confirmed breach of the rollout whose canary has traffic; of any other it is none. Also without Redis
 * (rule 1). Repeating it is fine: after the end of a rollout that it rolled back, that it still fires keeps the incident open. Throws when it could not be answered: then Alertmanager is to send it again.
 */
export async function answerAlert(world: World, emergency: Emergency, alert: FiringAlert): Promise<void> {
  try {
    const state = await world.rollouts.current()
    if (state !== null && !isOver(state) && (await mayHaveTraffic(world, state))) {
      const evidence = evidenceOf(state, alert)
      const id = `alert-${alert.fingerprint}-${alert.startsAt}`
      await world.rollouts.execute(state.rollout, { ...own(world, { type: 'record-breach', evidence }), id })
    }
    await noteAlert(world, alert, world.clock.now())
  } catch (error) {
    if (!isLedgerAway(error)) throw error
    await emergency.answer((state) => evidenceOf(state, alert))
  }
}

/** Somebody else's change may have given the canary traffic, or be of another kind: the cluster tells, and while it can't, it may have. */
async function mayHaveTraffic(world: World, state: State): Promise<boolean> {
  const { drift, parts, stage } = state
  if (drift === undefined || parts === undefined || isWatched(state) || stage === 'shifting') return true
  const view = await viewIfReachable(world, { meanwhile: 'the alert is a breach all the same' })
  return view === null || view.route.weights[parts.canary] > 0
}

/**
 * An alert fires no longer: it keeps no incident open, and a release that is only observed is told so. Without Redis nothing is noted: what
 * is not told again grows old by itself. Throws where it is to be told again: of an observed release nothing grows old.
 */
export async function endAlert(world: World, alert: FiringAlert): Promise<void> {
  try {
    for (const state of await noteAlert(world, alert, null)) await tellEnded(world, state, alert)
  } catch (error) {
    if (!isLedgerAway(error) || world.config.mode === 'observe') throw error
  }
}

/** With every rollout that rolled back for it, or for another one of the same title: stable may be what it fires for now. Returns these. */
async function noteAlert({ rollouts, beside }: World, alert: FiringAlert, at: number | null): Promise<State[]> {
  const { title, fingerprint } = alert
  const isOne = ({ metric, alert: before }: Evidence) =>
    before !== undefined && (metric === title || before.fingerprint === fingerprint)
  const noted: State[] = []
  for (const rollout of await rollouts.open()) {
    const state = await loadIfReadable(rollouts, rollout)
    if (!state?.breaches.some(({ evidence }) => isOne(evidence))) continue
    await beside.alert(rollout, title, fingerprint, at)
    noted.push(state)
  }
  return noted
}

/** In an observed rollout a breach lasts as long as an alert of its title does; only after that the next one is told. */
async function tellEnded({ rollouts, beside, ...world }: World, state: State, { title }: FiringAlert): Promise<void> {
  if (!state.observation?.broken.includes(title)) return
  const now = world.clock.now()
  if (((await beside.alertFired(state.rollout, title)) ?? 0) > now - toldAgainWithin) return
  await rollouts.execute(state.rollout, own(world, { type: 'record-recovered', metric: title, since: now }))
}

function evidenceOf(state: State, { title, summary, startsAt, fingerprint }: FiringAlert): Evidence {
  const trafficSince = state.phases.find((p) => p.shiftedAt !== undefined)?.shiftedAt
  const early = trafficSince === undefined || startsAt < trafficSince
  const alert = { summary, startsAt, fingerprint }
  return { metric: title, value: null, query: '', readings: [], stableToo: early, alert }
}
