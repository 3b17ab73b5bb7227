import { isHeld } from '../../rollout/hold.ts'
import { isOver, nextPhase, type State } from '../../rollout/state.ts'
import { howToLetGoOn } from '../../rollout/unsigned.ts'
import { cleanUpAsks } from '../clean-up-texts.ts'
import { decisionButtons, finishButton } from '../event-buttons.ts'
import type { Button } from '../message.ts'
import { reference } from '../reference.ts'
import type { CardFacts } from './card-facts.ts'

/** What can be done with a rollout as it stands, one button each. */
export function cardButtons(state: State, { holds, at }: CardFacts): Button[] {
  // Each for this pause, change, decision or clean-up: a card that shows it is soon outdated.
  const since = (version: number) => reference({ ...state, version })
  const { cleanUp, cleanUpAsked } = state
  if (isOver(state))
    return cleanUpAsked === undefined || cleanUpAsks(state) === null
      ? []
      : [finishButton(cleanUp === 'failed', since(cleanUpAsked))]
  const value = reference({ service: state.service, rollout: state.rollout, version: 1 })
  const rollBack: Button = { action: 'roll-back', label: 'Roll back', value, style: 'danger' }
  if (state.rollback !== undefined) return []
  const next = nextPhase(state)
  const askable = state.stage === 'soaked' || (state.stage === 'soaking' && state.openedPhase === next?.number)
  const advance: Button[] =
    askable && next !== undefined && state.request === undefined && state.paused === undefined
      ? [{ action: 'advance', label: `Ask to advance to ${next.weight} %`, value, style: 'primary' }]
      : []
  const accept: Button[] =
    (state.lost !== undefined && state.weight >= 100) || state.warned !== undefined
      ? [{ action: 'accept-targets', label: 'Accept…', value }]
      : []
  if (state.lost !== undefined || state.warned !== undefined) return [...accept, rollBack]
  const decide = state.decision === undefined ? [] : decisionButtons(state, since(state.decision.version))
  const hold: Button =
    state.paused === undefined
      ? { action: 'pause', label: 'Pause', value }
      : { action: 'resume', label: 'Resume', value: since(state.paused.version) }
  const takeOver: Button[] =
    state.drift !== undefined && state.drift.takenOver === undefined
      ? [{ action: 'take-over', label: 'Take over again', value: since(state.drift.version) }]
      : []
  const override: Button[] =
    (canBeHeld(state) && isHeld(state, holds)) || howToLetGoOn(state, at) !== null
      ? [{ action: 'override', label: 'Override the hold…', value }]
      : []
  return [...advance, ...takeOver, ...decide, ...override, hold, rollBack]
}

/** Does a freeze or a lock keep anything of it back? */
export function canBeHeld(state: State): boolean {
  return (
    !isOver(state) && state.rollback === undefined && (nextPhase(state) !== undefined || state.stage === 'shifting')
  )
}
