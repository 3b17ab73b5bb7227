import type { Command, CommandOf } from './commands.ts'
import { decideHandover } from './decide-handover.ts'
import { decideBlind, decideSight } from './decide-outcome.ts'
import { decideCancel, decideNudge, decideWithdraw } from './decide-request.ts'
import { slipway } from './decide-rollback.ts'
import { after, decideApprove, decideReject, requestEvent } from './decide-sign-off.ts'
import { overdueEvent, silenceEvent } from './decide-tick.ts'
import { type Decision, nothing } from './decision.ts'
import type { EventBody } from './events.ts'
import { isReleased, objectionsTo, phaseAt } from './observed.ts'
import { refuse } from './refusal.ts'
import { missingRoles } from './sign-off.ts'
import { isOver, nextPhase, phaseOf, type State, watchedPhase } from './state.ts'

/**
 * What a command leads to in a rollout that somebody else drives. No event that leads from here to a job, an incident or a
 * write of the cluster: what is seen is told, sign-offs are practice, and whatever would move or hold the release is refused.
 */
export function decideObserved(state: State, command: Command): Decision {
  switch (command.type) {
    case 'advance':
      return decidePractice(state, command)
    case 'approve':
      return decideApprove(state, command)
    case 'reject':
      return decideReject(state, command)
    case 'withdraw':
      return decideWithdraw(state, command)
    case 'cancel':
      return decideCancel(state, command)
    case 'nudge':
      return decideNudge(state, command)
    case 'tick-checkpoint':
      return refusal(state, 'wait for checkpoints')
    case 'abort':
      if (isOver(state)) return refuse('rollout-over', { stage: state.stage })
      return { events: [{ type: 'observation-ended', how: 'stopped', by: command.by }] }
    case 'roll-back':
      return refusal(state, 'roll back')
    case 'pause':
    case 'resume':
      return refusal(state, command.type)
    case 'retry':
      return refusal(state, 'try again')
    case 'extend-soak':
    case 'accept-targets':
      return refusal(state, 'decide about a soak')
    case 'skip-soak':
    case 'approve-skip':
    case 'reject-skip':
      return refusal(state, 'skip a soak')
    case 'take-over':
      return refusal(state, 'take over')
    case 'finish':
      return refusal(state, 'scale pods down')
    case 'hand-over':
      return decideHandover(state, command)
    case 'override':
      return refusal(state, 'override a freeze or a lock')
    case 'record-tracks':
      return decideTracks(state, command)
    case 'record-weight':
      return decideWeight(state, command)
    case 'record-soak':
      return decideSoakSeen(state, command)
    case 'record-breach': {
      const { evidence } = command
      if (isOver(state) || state.weight === 0 || state.observation?.broken.includes(evidence.metric)) return nothing
      return { events: [{ type: 'breach-seen', number: state.breaches.length + 1, evidence }] }
    }
    case 'record-recovered': {
      const { metric, since } = command
      if (isOver(state) || !state.observation?.broken.includes(metric)) return nothing
      return { events: [{ type: 'breach-over', metric, since }] }
    }
    case 'record-blind':
      return decideBlind(state, command)
    case 'record-sight':
      return decideSight(state, command)
    case 'tick':
      return decideTickObserved(state, command)
    default:
      return nothing
  }
}

/** A release of which nobody had told Slipway is observed from its first sight on. */
export function decideTrafficFound(command: CommandOf<'record-traffic-found'>): Decision {
  const { spec, by, weight, manager, stable, canary, stableSize, stableImage, canaryImage } = command
  const started: EventBody = { type: 'rollout-started', spec, by, report: '' }
  const tracks: EventBody = { type: 'tracks-seen', stable, canary, stableSize, stableImage, canaryImage }
  const phase = phaseAt(spec, weight)
  const leftOut = spec.phases.flatMap((p) => (p.number < (phase?.number ?? 0) ? [p.number] : []))
  const seen: EventBody = {
    type: 'weight-seen',
    from: 0,
    weight,
    phase: phase?.number ?? 0,
    manager,
    objections: [
      { why: 'sign-offs', roles: [...(phase?.roles ?? [])] },
      ...(leftOut.length === 0 ? [] : [{ why: 'phases-left-out' as const, phases: leftOut }]),
    ],
  }
  return { events: [started, tracks, seen] }
}

function refusal(state: State, what: string): Decision {
  return isOver(state) ? refuse('rollout-over', { stage: state.stage }) : refuse('observes-only', { what })
}

/** Asks for the next phase's sign-offs: practice, which shows whether they would have been there. */
function decidePractice(state: State, command: CommandOf<'advance'>): Decision {
  if (command.version !== undefined && command.version !== state.spec.version)
    return refuse('version-mismatch', { asked: command.version, running: state.spec.version })
  if (isOver(state)) return refuse('rollout-over', { stage: state.stage })
  if (state.request !== undefined) {
    const { phase, by } = state.request
    return refuse('already-asked', { phase, by: by.name, missing: missingRoles(state, state.request) })
  }
  const phase = nextPhase(state)
  if (state.parts === undefined || phase === undefined) {
    const instead = phase === undefined ? 'No phase is left to sign for.' : 'Slipway is still looking at the tracks.'
    return refuse('not-possible-now', { what: 'ask for the next phase', stage: state.stage, instead })
  }
  return { events: [requestEvent(state, [phase.number], command)] }
}

/** The tracks are known; the sign-offs of phase 1 are asked for at once, by the one who started. */
function decideTracks(state: State, command: CommandOf<'record-tracks'>): Decision {
  if (isOver(state) || state.parts !== undefined) return nothing
  const { stable, canary, stableSize, stableImage, canaryImage } = command
  const seen: EventBody = { type: 'tracks-seen', stable, canary, stableSize, stableImage, canaryImage }
  const request = requestEvent(after(state, seen, command), [1], { at: command.at, by: state.startedBy })
  return { events: [seen, request] }
}

/** The weights as they stand, which somebody may have changed. At none again, or at everything for long enough, the release has ended. */
function decideWeight(state: State, command: CommandOf<'record-weight'>): Decision {
  const { weight, manager, at } = command
  if (isOver(state) || state.parts === undefined) return nothing
  if (weight === state.weight)
    return isReleased(state, at) ? { events: [{ type: 'observation-ended', how: 'released', by: slipway }] } : nothing
  const phase = phaseAt(state.spec, weight)
  const objections = phase === null ? [] : objectionsTo(state, phase, command)
  const seen: EventBody = {
    type: 'weight-seen',
    from: state.weight,
    weight,
    phase: phase?.number ?? 0,
    manager,
    objections,
  }
  return { events: weight > 0 ? [seen] : [seen, { type: 'observation-ended', how: 'taken-back', by: slipway }] }
}

/** A soak would have been full. */
function decideSoakSeen(state: State, command: CommandOf<'record-soak'>): Decision {
  const phase = phaseOf(state, state.phase)
  if (isOver(state) || state.blind !== undefined || phase === undefined) return nothing
  if (watchedPhase(state).phase !== command.phase || phase.number !== command.phase) return nothing
  const { observed, figures } = command
  const told = state.phases.at(-1)?.endedAt !== undefined || state.observation?.wouldRollBack !== undefined
  if (told || observed < phase.soak) return nothing
  return { events: [{ type: 'soak-seen', phase: phase.number, observed, figures: [...figures] }] }
}

/** Requests expire and absences are told, as in any rollout; what would page is told instead. */
function decideTickObserved(state: State, command: CommandOf<'tick'>): Decision {
  const silence = silenceEvent(state, command)
  if (silence !== null && silence.type !== 'slack-away-too-long') return { events: [silence] }
  if (isOver(state)) return nothing
  // Slipway would have moved with the last sign-off: what every role has signed does not expire.
  const isSigned = state.request !== undefined && missingRoles(state, state.request).length === 0
  const overdue = command.unreachableSince === null && !isSigned ? overdueEvent(state, command.at) : null
  if (overdue !== null) return { events: [overdue] }
  const { blind, spec } = state
  if (blind === undefined || blind.paged || command.at < blind.since + spec.pageAfter) return nothing
  return { events: [{ type: 'page-withheld', since: blind.since }] }
}
