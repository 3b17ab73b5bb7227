import type { Evidence } from '../rollout/events.ts'
import { isOver, type State } from '../rollout/state.ts'
import type { Emergency } from './emergency.ts'
import { isLedgerAway } from './failure.ts'
import { own } from './outcome.ts'
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
 * (rule 1). Repeating it is fine. Throws when it could not be answered: then Alertmanager is to send it again.
 */
export async function answerAlert(world: World, emergency: Emergency, alert: FiringAlert): Promise<void> {
  try {
    const state = await world.rollouts.current()
    if (state === null || isOver(state)) return
    const evidence = evidenceOf(state, alert)
    const id = `alert-${alert.fingerprint}-${alert.startsAt}`
    await world.rollouts.execute(state.rollout, { ...own(world, { type: 'record-breach', evidence }), id })
  } catch (error) {
    if (!isLedgerAway(error)) throw error
    await emergency.answer((state) => evidenceOf(state, alert))
  }
}

function evidenceOf(state: State, { title, summary, startsAt, fingerprint }: FiringAlert): Evidence {
  const trafficSince = state.phases.find((p) => p.shiftedAt !== undefined)?.shiftedAt
  const early = trafficSince === undefined || startsAt < trafficSince
  const alert = { summary, startsAt, fingerprint }
  return { metric: title, value: null, query: '', readings: [], stableToo: early, alert }
}
