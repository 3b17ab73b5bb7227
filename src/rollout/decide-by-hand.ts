import type { CommandOf } from './commands.ts'
import { after, startIfSigned } from './decide-sign-off.ts'
import { type Decision, nothing } from './decision.ts'
import type { EventBody } from './events.ts'
import { refuse } from './refusal.ts'
import { isOver, type State } from './state.ts'
import { howToLetGoOn } from './unsigned.ts'

// Whoever carries a wish out may have stood still: what it was said before is another pause, failure, change or decision than its sender saw.

/** Holds the release where it is; watching and rollback go on. */
export function decidePause(state: State, command: CommandOf<'pause'>): Decision {
  const over = endOf(state)
  if (over !== null) return over
  if (state.paused !== undefined) return refuse('already-paused', { by: state.paused.by.name, at: state.paused.at })
  return { events: [{ type: 'paused', by: command.by, reason: command.reason }] }
}

/** Goes on where it was held; a phase that was signed meanwhile starts. */
export function decideResume(state: State, command: CommandOf<'resume'>): Decision {
  const over = endOf(state)
  if (over !== null) return over
  if (state.paused === undefined) return refuse('not-paused', {})
  if (command.at < state.paused.at) return refuse('said-before', { moment: 'paused' })
  const resumed: EventBody = { type: 'resumed', by: command.by }
  return { events: [resumed, ...startIfSigned(after(state, resumed, command), command)] }
}

/** Runs a failed step again. */
export function decideRetry(state: State, command: CommandOf<'retry'>): Decision {
  const over = endOf(state)
  if (over !== null) return over
  if (state.failure === undefined)
    return refuse('not-possible-now', { what: 'retry', stage: state.stage, instead: 'No step has failed.' })
  if (command.at < state.failure.at) return refuse('said-before', { moment: 'failed' })
  const instead = howToLetGoOn(state, command.at)
  if (instead !== null) return refuse('not-possible-now', { what: 'retry', stage: state.stage, instead })
  return { events: [{ type: 'step-retried', by: command.by }] }
}

/** Slipway writes its own again over somebody else's change. */
export function decideTakeOver(state: State, command: CommandOf<'take-over'>): Decision {
  const over = endOf(state)
  if (over !== null) return over
  const { drift } = state
  if (drift === undefined) {
    const instead = 'Nobody else has changed the cluster.'
    return refuse('not-possible-now', { what: 'take over', stage: state.stage, instead })
  }
  // What Slipway's own was nobody can say: it might raise the weight without its sign-offs.
  if (state.lost !== undefined) return refuse('record-lost', { weight: state.weight })
  if (command.at < drift.at) return refuse('said-before', { moment: 'changed' })
  if (drift.takenOver !== undefined) return nothing
  return { events: [{ type: 'taken-over', what: drift.what, by: command.by }] }
}

/** Soaks on while a decision is awaited. */
export function decideExtendSoak(state: State, command: CommandOf<'extend-soak'>): Decision {
  if (state.stage !== 'waiting') return notWaiting(state, 'soak on')
  if (command.at < (state.decision?.since ?? 0)) return refuse('said-before', { moment: 'awaited' })
  if (state.lost !== undefined) return refuse('record-lost', { weight: state.weight })
  return { events: [{ type: 'soak-extended', phase: state.phase, ms: command.ms, by: command.by }] }
}

/** Accepts a soak whose targets did not hold: the commander, with a reason. */
export function decideAcceptTargets(state: State, command: CommandOf<'accept-targets'>): Decision {
  if (state.stage !== 'waiting') return notWaiting(state, 'accept')
  const { seen = command.at } = command
  if (seen < (state.decision?.since ?? state.lost?.at ?? 0)) return refuse('said-before', { moment: 'awaited' })
  // Without the record nobody knows which sign-offs a further step would have: only what is everywhere already can stay.
  if (state.lost !== undefined && state.weight < 100) return refuse('record-lost', { weight: state.weight })
  const role = state.spec.decides
  if (!command.roles.includes(role)) return refuse('role-not-held', { roles: [role], holders: command.holders })
  const { by, reason } = command
  const accepted: EventBody = { type: 'targets-accepted', phase: state.phase, by, role, reason }
  const last = state.phase === state.spec.phases.length || state.lost !== undefined
  if (last) return { events: [accepted, { type: 'window-opened', ms: state.spec.rollbackWindow }] }
  return { events: [accepted, ...startIfSigned(after(state, accepted, command), command)] }
}

/** Scales the unused track down although nothing could prove that it is idle; where that failed, tries again as if nobody had been asked. */
export function decideFinish(state: State, command: CommandOf<'finish'>): Decision {
  const { cleanUp, cleanUpSince = 0 } = state
  if (cleanUp !== 'failed' && cleanUp !== 'held') {
    const instead = 'Nothing waits to be cleaned up by a person.'
    return refuse('not-possible-now', { what: 'finish', stage: state.stage, instead })
  }
  if (command.at < cleanUpSince) return refuse('said-before', { moment: 'held' })
  return { events: [{ type: cleanUp === 'failed' ? 'clean-up-retried' : 'clean-up-ordered', by: command.by }] }
}

function endOf(state: State): Decision | null {
  if (isOver(state)) return refuse('rollout-over', { stage: state.stage })
  const { rollback } = state
  return rollback === undefined
    ? null
    : refuse('already-rolling-back', { by: rollback.by.name, at: rollback.orderedAt })
}

function notWaiting(state: State, what: string): Decision {
  return refuse('not-possible-now', { what, stage: state.stage, instead: 'No decision is awaited now.' })
}
