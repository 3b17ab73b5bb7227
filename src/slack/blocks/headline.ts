import { isObserved, isOver, type State } from '../../rollout/state.ts'
import { observedHeadline } from './observed-card.ts'

/** Where the rollout is, in a few words. */
export function headlineOf(state: State): string {
  if (isObserved(state)) return observedHeadline(state)
  const of = `phase ${state.phase} of ${state.spec.phases.length}`
  // A rollback waits for none of this.
  if (state.rollback === undefined && !isOver(state)) {
    if (state.lost !== undefined) return 'HELD, its record was lost'
    if (state.paused !== undefined) return `paused in ${of}`
    if (state.failure !== undefined) return `stuck, ${of}`
    if (state.drift !== undefined) return `held, ${of}`
  }
  switch (state.stage) {
    case 'preparing':
      return state.warned === undefined ? 'preparing' : 'awaiting sign-off of warnings'
    case 'awaiting-sign-off':
      return `awaiting sign-off of phase ${state.request?.phase ?? state.phase + 1}`
    case 'shifting':
      return `shifting, ${of}`
    case 'soaking':
      return state.blind === undefined ? `soaking, ${of}` : `blind, ${of}`
    case 'soaked':
      return state.phase === 0 ? 'prepared' : `${of} passed`
    case 'waiting':
      return `waiting for a decision, ${of}`
    case 'released':
      return 'released, still watched'
    case 'complete':
      return 'complete'
    case 'rolling-back':
      return 'ROLLING BACK'
    case 'rollback-failed':
      return 'ROLLBACK NOT DONE'
    case 'rolled-back':
      return 'rolled back'
    case 'observing':
    case 'observed':
      return observedHeadline(state)
  }
}
