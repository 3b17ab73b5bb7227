import type { CommandOf } from './commands.ts'
import { checkpointsEvents } from './decide-checkpoint.ts'
import { after, phasesLeft, requestEvent, startIfSigned } from './decide-sign-off.ts'
import { type Decision, nothing } from './decision.ts'
import { tellsNoMore } from './drift-text.ts'
import type { EventBody, Figure } from './events.ts'
import { isOver, type State, watchedPhase } from './state.ts'
import { hasLapsed, isUnsigned } from './unsigned.ts'

/** The cluster is claimed and the parts are known: phase 1, or all of it, is asked for at once, by the one who started. */
export function decidePrepared(state: State, command: CommandOf<'record-prepared'>): Decision {
  if (state.stage !== 'preparing') return nothing
  const { stable, canary, stableSize, stableImage, canaryImage, canarySize, autoscalers } = command
  const before = {
    ...(canarySize !== undefined && { canarySize }),
    ...(autoscalers && { autoscalers: autoscalers.map((one) => ({ ...one })) }),
  }
  const prepared: EventBody = { type: 'prepared', stable, canary, stableSize, stableImage, canaryImage, ...before }
  const ready = after(state, prepared, command)
  const numbers = state.all === true ? phasesLeft(ready) : [1]
  const request = requestEvent(ready, numbers, { at: command.at, by: state.startedBy })
  return { events: [prepared, ...checkpointsEvents(ready), request] }
}

export function decideCanaryReady(state: State, command: CommandOf<'record-canary-ready'>): Decision {
  if (state.stage !== 'shifting' || state.phase !== command.phase || state.canaryReadyPhase === command.phase)
    return nothing
  // A worker that others believed dead: the step has failed meanwhile, and a person was asked.
  if (state.failure !== undefined) return nothing
  return { events: [{ type: 'canary-ready', phase: command.phase, replicas: command.replicas, ms: command.ms }] }
}

export function decideShifted(state: State, command: CommandOf<'record-shifted'>): Decision {
  if (state.stage !== 'shifting' || state.phase !== command.phase) return nothing
  const { phase, from, weight, steps } = command
  const unsigned = state.failure !== undefined && isUnsigned(state) ? { unsigned: state.failure.what } : {}
  const shifted: EventBody = { type: 'traffic-shifted', phase, from, weight, steps: [...steps], ...unsigned }
  return { events: [shifted, ...checkpointsEvents(state)] }
}

export function decideStepFailed(state: State, command: CommandOf<'record-step-failed'>): Decision {
  const current =
    command.step === 'prepare'
      ? state.stage === 'preparing'
      : state.stage === 'shifting' && state.phase === command.phase
  if (!current || state.failure !== undefined) return nothing
  const { step, code, what, todo, log } = command
  // Found before the time of an absence was added, or before somebody let the phase go on.
  if (code === 'sign-offs-lapsed' && !hasLapsed(state, command.at)) return nothing
  return { events: [{ type: 'step-failed', step, code, what, todo, ...(log && { log: [...log] }) }] }
}

/** Enough time was observed: the soak passes, waits for a decision, or (after the window) the release is complete. */
export function decideSoak(state: State, command: CommandOf<'record-soak'>): Decision {
  if (
    watchedPhase(state).phase !== command.phase ||
    (state.stage === 'released') !== (command.of === 'window') ||
    state.paused !== undefined ||
    state.blind !== undefined ||
    state.drift !== undefined
  )
    return nothing
  const figures = [...command.figures]
  const { observed } = command
  if (state.stage === 'released')
    return observed < state.spec.rollbackWindow ? nothing : { events: [{ type: 'completed', figures }] }
  const phase = state.spec.phases.find((p) => p.number === state.phase)
  if (state.stage !== 'soaking' || phase === undefined || observed < phase.soak + state.extraSoak) return nothing
  if (!figures.every(isGood)) {
    const { pageAfter, maxHold } = state.spec
    const awaited: EventBody = {
      type: 'decision-awaited',
      phase: phase.number,
      observed,
      figures,
      pageAt: command.at + pageAfter,
      rollBackAt: command.at + maxHold,
    }
    return { events: [awaited] }
  }
  const passed: EventBody = { type: 'soak-passed', phase: phase.number, observed, figures }
  const last = state.phase === state.spec.phases.length
  if (last) return { events: [passed, { type: 'window-opened', ms: state.spec.rollbackWindow }] }
  return { events: [passed, ...startIfSigned(after(state, passed, command), command)] }
}

/** A figure without a number is no good figure; one that nothing is expected of always is. */
function isGood(figure: Figure): boolean {
  return figure.good !== false
}

/** A metric is told once for each blindness, which ends when all have a number: metrics that take turns would be told anew for ever. */
export function decideBlind(state: State, command: CommandOf<'record-blind'>): Decision {
  if (isOver(state) || state.rollback !== undefined) return nothing
  const known = state.blind?.metrics ?? []
  const added = command.metrics.filter((m) => !known.some((k) => k.metric === m.metric))
  if (state.blind !== undefined && added.length === 0) return nothing
  return { events: [{ type: 'went-blind', metrics: [...known, ...added] }] }
}

export function decideSight(state: State, command: CommandOf<'record-sight'>): Decision {
  if (state.blind === undefined || state.blind.since !== command.since) return nothing
  const regained: EventBody = { type: 'sight-regained', since: state.blind.since }
  return { events: [regained, ...startIfSigned(after(state, regained, command), command)] }
}

export function decideDrift(state: State, command: CommandOf<'record-drift'>): Decision {
  const { what, manager, larger, weight } = command
  const { drift } = state
  if (isOver(state) || state.rollback !== undefined || drift?.what === what) return nothing
  // What is taken over goes back one after the other. Pods that are not kept yet nobody has decided about.
  if (drift?.takenOver !== undefined && larger === undefined && tellsNoMore(what, drift.what)) return nothing
  const found = { ...(larger && { larger }), ...(weight !== undefined && { weight }) }
  return { events: [{ type: 'drift-found', what, manager, ...found }] }
}

export function decideNoDrift(state: State, command: CommandOf<'record-no-drift'>): Decision {
  if (state.drift === undefined || state.drift.at !== command.since) return nothing
  const gone: EventBody = { type: 'drift-gone' }
  return { events: [gone, ...startIfSigned(after(state, gone, command), command)] }
}

/** The change stays, and somebody decides anew. */
export function decideTakeOverFailed(state: State, command: CommandOf<'record-take-over-failed'>): Decision {
  if (isOver(state) || state.drift?.takenOver !== command.order) return nothing
  return { events: [{ type: 'take-over-failed', what: command.what, todo: command.todo }] }
}

export function decideTrafficVerified(state: State, command: CommandOf<'record-traffic-verified'>): Decision {
  if (!isOver(state) || state.cleanUp === 'done' || state.verifiedAt !== undefined) return nothing
  const { track, pause } = command
  return { events: [{ type: 'traffic-verified', track, ...(pause !== undefined && { pause }) }] }
}

/** What was counted under another weight than the present one says nothing. A pause stands in only where nothing has been told. */
export function decideConverged(state: State, command: CommandOf<'record-converged'>): Decision {
  const { convergence, phase } = state
  const { weight, share, ms, instead } = command
  if (isOver(state) || state.rollback !== undefined || phase !== command.phase || convergence?.weight !== weight)
    return nothing
  const isOpen = convergence.outcome === undefined || (convergence.outcome === 'missed' && instead === undefined)
  if (!isOpen) return nothing
  return {
    events: [{ type: 'traffic-converged', phase, weight, share, ms, ...(instead !== undefined && { instead }) }],
  }
}

/** Told once for each shift, and once for a track that is to be cleaned up. */
export function decideNotConverged(state: State, command: CommandOf<'record-not-converged'>): Decision {
  const { track, weight, share, ms } = command
  const told: EventBody = { type: 'traffic-not-converged', track, weight, share, ms }
  if (isOver(state)) return state.cleanUp === 'due' && state.lingering === undefined ? { events: [told] } : nothing
  const { convergence } = state
  if (state.rollback !== undefined || convergence?.weight !== weight || convergence.outcome !== undefined)
    return nothing
  return { events: [told] }
}

export function decideCleanUpHeld(state: State, command: CommandOf<'record-clean-up-held'>): Decision {
  const { track, why, order, failed } = command
  return state.cleanUp === order
    ? { events: [{ type: 'clean-up-held', track, why, ...(failed && { failed }) }] }
    : nothing
}

export function decideCleanedUp(state: State, command: CommandOf<'record-cleaned-up'>): Decision {
  if (!isOver(state) || state.cleanUp === 'done') return nothing
  const { track, autoscalers } = command
  return { events: [{ type: 'cleaned-up', track, ...(autoscalers && { autoscalers: [...autoscalers] }) }] }
}

/** Told once: the job that learns it may run again. */
export function decideGitBehind(state: State, command: CommandOf<'record-git-behind'>): Decision {
  if (state.stage !== 'complete' || state.gitBehind !== undefined) return nothing
  return {
    events: [{ type: 'git-behind', tool: command.tool, changes: command.changes.map((change) => ({ ...change })) }],
  }
}

export function decideStableRecovered(state: State, command: CommandOf<'record-stable-recovered'>): Decision {
  return state.recovery === 'watched' ? { events: [{ type: 'stable-recovered', since: command.since }] } : nothing
}

export function decideRecoveryNotSeen(state: State): Decision {
  return state.recovery === 'watched' ? { events: [{ type: 'recovery-not-seen' }] } : nothing
}

export function decidePage(state: State, command: CommandOf<'record-page'>): Decision {
  const page = state.pages.find((p) => p.key === command.key)
  if (page === undefined || page.link !== null) return nothing
  return { events: [{ type: 'page-sent', key: command.key, link: command.link }] }
}

export function decidePageResolved(state: State, command: CommandOf<'record-page-resolved'>): Decision {
  const page = state.pages.find((p) => p.key === command.key)
  return page === undefined || page.resolved ? nothing : { events: [{ type: 'page-resolved', key: command.key }] }
}
