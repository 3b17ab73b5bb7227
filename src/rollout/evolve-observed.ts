import type { Event, EventType } from './events.ts'
import type { Observation, State } from './state.ts'
import { endRequest, updatePhase } from './state-changes.ts'

/** The kinds of events that only a rollout has that somebody else drives. */
type Seen = Extract<
  EventType,
  'tracks-seen' | 'weight-seen' | 'soak-seen' | 'breach-seen' | 'breach-over' | 'page-withheld' | 'observation-ended'
>

/** The state after something was seen of a release that somebody else drives. */
export function evolveObserved(state: State, event: Extract<Event, { type: Seen }>): State {
  const { observation } = state
  if (observation === undefined) return state
  const told = (more: Partial<Observation> = {}): Observation => ({
    ...observation,
    story: [...observation.story, event],
    ...more,
  })
  switch (event.type) {
    case 'tracks-seen': {
      const { stable, canary, stableSize, stableImage, canaryImage } = event
      return { ...state, parts: { stable, canary, stableSize, stableImage, canaryImage } }
    }
    case 'weight-seen': {
      const { phase, weight, at } = event
      const signOffs = state.request?.phase === phase ? state.request.signOffs : []
      // A phase that comes again goes on with what was seen of it.
      const earlier = state.phases.findLast((p) => p.phase === phase)
      const record = { ...(earlier ?? { phase, signOffs }), startedAt: at, shiftedAt: at }
      return {
        // The plan that is being signed says from which weight: whatever changes it makes it another plan.
        ...endRequest(state, 'ended', event.manager, at),
        weight,
        phase,
        phases: phase === state.phase || phase === 0 ? state.phases : [...state.phases, record],
        observation: told(),
      }
    }
    case 'soak-seen': {
      const { at: endedAt, observed, figures } = event
      return { ...updatePhase(state, { endedAt, observed, figures }), observation: told() }
    }
    case 'breach-seen': {
      const { number, at, evidence } = event
      const { metric } = evidence
      const wouldRollBack = observation.wouldRollBack ?? { at, metric }
      return {
        ...state,
        breaches: [...state.breaches, { number, at, evidence }],
        observation: told({ wouldRollBack, broken: [...observation.broken, metric] }),
      }
    }
    case 'breach-over':
      return { ...state, observation: told({ broken: observation.broken.filter((m) => m !== event.metric) }) }
    case 'page-withheld': {
      const blind = state.blind === undefined ? {} : { blind: { ...state.blind, paged: true } }
      return { ...state, ...blind, observation: told() }
    }
    case 'observation-ended': {
      const { how, by, at } = event
      return { ...endRequest(state, 'ended', by.name, at), observation: { ...observation, ended: { how, by, at } } }
    }
  }
}
