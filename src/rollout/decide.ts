import type { Command, CommandOf } from './commands.ts'
import {
  decideAcceptTargets,
  decideExtendSoak,
  decideFinish,
  decidePause,
  decideResume,
  decideRetry,
  decideTakeOver,
} from './decide-by-hand.ts'
import { decideTickCheckpoint } from './decide-checkpoint.ts'
import { decideHandover } from './decide-handover.ts'
import { decideLock, decideOverride, decideUnlock, overriddenEvent, unseenOf } from './decide-hold.ts'
import { decideFound, decideNewerFence } from './decide-lost.ts'
import { decideObserved, decideTrafficFound } from './decide-observed.ts'
import * as outcome from './decide-outcome.ts'
import { decideImageIds, decideRecheck, decideSoakEnding } from './decide-plan.ts'
import { decideCancel, decideNudge, decideWithdraw } from './decide-request.ts'
import {
  decideAbort,
  decideBreach,
  decideBreakGlass,
  decideRestored,
  decideRollBack,
  decideRollbackFailure,
} from './decide-rollback.ts'
import { decideAdvance, decideApprove, decideReject } from './decide-sign-off.ts'
import { decideApproveSkip, decideRejectSkip, decideSkipSoak } from './decide-skip.ts'
import { decideTick } from './decide-tick.ts'
import { acceptedAtOnce, decideAcceptWarnings } from './decide-warnings.ts'
import { type Decision, nothing } from './decision.ts'
import type { EventBody } from './events.ts'
import { heldRefusal, holdsOn, isAny } from './hold.ts'
import { refuse } from './refusal.ts'
import { isObserved, type State } from './state.ts'
import { refusedToTerminal } from './terminal.ts'

/**
 * What a command leads to. Pure: the time is in the command, and the same state and command always give the same
 * decision. `service` names whose rollout is meant when there is none yet.
 */
export function decide(state: State | null, command: Command, service: string): Decision {
  const unproven = state?.commands.has(command.id) === true ? null : refusedToTerminal(state, command)
  if (unproven !== null) return unproven
  if (command.type === 'start') return state === null ? decideStart(command) : nothing
  if (command.type === 'record-traffic-found') return state === null ? decideTrafficFound(command) : nothing
  if (command.type === 'record-found') return state === null ? decideFound(command) : nothing
  if (state === null) return refuse('no-rollout', { service })
  // A repeated command (a double click, a job run again) is taken once.
  if (state.commands.has(command.id)) return nothing
  if (isObserved(state)) return decideObserved(state, command)
  switch (command.type) {
    case 'advance':
      return decideAdvance(state, command)
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
      return decideTickCheckpoint(state, command)
    case 'roll-back':
      return decideRollBack(state, command)
    case 'pause':
      return decidePause(state, command)
    case 'resume':
      return decideResume(state, command)
    case 'retry':
      return decideRetry(state, command)
    case 'extend-soak':
      return decideExtendSoak(state, command)
    case 'accept-targets':
      return decideAcceptTargets(state, command)
    case 'accept-warnings':
      return decideAcceptWarnings(state, command)
    case 'skip-soak':
      return decideSkipSoak(state, command)
    case 'approve-skip':
      return decideApproveSkip(state, command)
    case 'reject-skip':
      return decideRejectSkip(state, command)
    case 'hand-over':
      return decideHandover(state, command)
    case 'lock':
      return decideLock(state, command)
    case 'unlock':
      return decideUnlock(state, command)
    case 'override':
      return decideOverride(state, command)
    case 'abort':
      return decideAbort(state, command)
    case 'take-over':
      return decideTakeOver(state, command)
    case 'finish':
      return decideFinish(state, command)
    case 'record-newer-fence':
      return decideNewerFence(state, command)
    case 'record-prepared':
      return outcome.decidePrepared(state, command)
    case 'record-canary-ready':
      return outcome.decideCanaryReady(state, command)
    case 'record-shifted':
      return outcome.decideShifted(state, command)
    case 'record-step-failed':
      return outcome.decideStepFailed(state, command)
    case 'record-soak':
      return outcome.decideSoak(state, command)
    case 'record-soak-ending':
      return decideSoakEnding(state, command)
    case 'record-recheck':
      return decideRecheck(state, command)
    case 'record-image-ids':
      return decideImageIds(state, command)
    case 'record-blind':
      return outcome.decideBlind(state, command)
    case 'record-sight':
      return outcome.decideSight(state, command)
    case 'record-drift':
      return outcome.decideDrift(state, command)
    case 'record-no-drift':
      return outcome.decideNoDrift(state, command)
    case 'record-take-over-failed':
      return outcome.decideTakeOverFailed(state, command)
    case 'record-breach':
      return decideBreach(state, command)
    case 'record-restored':
      return decideRestored(state, command)
    case 'record-break-glass':
      return decideBreakGlass(state, command)
    case 'record-rollback-failure':
      return decideRollbackFailure(state, command)
    case 'record-converged':
      return outcome.decideConverged(state, command)
    case 'record-not-converged':
      return outcome.decideNotConverged(state, command)
    case 'record-traffic-verified':
      return outcome.decideTrafficVerified(state, command)
    case 'record-clean-up-held':
      return outcome.decideCleanUpHeld(state, command)
    case 'record-cleaned-up':
      return outcome.decideCleanedUp(state, command)
    case 'record-git-behind':
      return outcome.decideGitBehind(state, command)
    case 'record-stable-recovered':
      return outcome.decideStableRecovered(state, command)
    case 'record-recovery-not-seen':
      return outcome.decideRecoveryNotSeen(state)
    case 'record-page':
      return outcome.decidePage(state, command)
    case 'record-page-resolved':
      return outcome.decidePageResolved(state, command)
    case 'tick':
      return decideTick(state, command)
    // Of an observed rollout alone.
    case 'record-tracks':
    case 'record-weight':
    case 'record-recovered':
      return nothing
  }
}

/** A rollout starts from a valid report only. */
function decideStart(command: CommandOf<'start'>): Decision {
  const { report, spec, by, all, override, reason = '', roles = [], holders = [] } = command
  const { version, decides } = spec
  // What somebody else drives is watched whatever holds.
  const holds = spec.mode === 'observe' ? {} : holdsOn(undefined, command)
  const barring = override === undefined ? holds : unseenOf(holds, command.at)
  const held = heldRefusal(barring, decides, `/deploy advance ${version} <reason> --override`)
  if (held !== null) return held
  const overrides = isAny(holds)
  if (overrides && !roles.includes(decides)) return refuse('role-not-held', { roles: [decides], holders })
  if (report === null || report.version !== version) return refuse('report-missing', { version })
  if (report.image !== spec.image)
    return refuse('report-other-image', { version, image: report.image, wanted: spec.image })
  if (command.at >= report.validUntil) return refuse('report-expired', { version, at: report.validUntil })
  if (report.blocks > 0) return refuse('report-not-ready', { version, blocks: report.blocks })
  if (report.otherConfiguration) return refuse('report-other-configuration', { version, image: spec.image })
  const started = { type: 'rollout-started', spec, by, report: report.id, ...(all && { all }) } as const
  const overridden = overrides ? [overriddenEvent(holds, decides, { by, reason })] : []
  const { warnings = [] } = report
  // Nothing hangs on the start of what is only observed.
  if (warnings.length === 0 || spec.mode === 'observe') return { events: [started, ...overridden] }
  const expiresAt = Math.min(command.at + spec.signOffExpires, report.validUntil)
  const warned: EventBody = { ...started, warnings: { of: [...warnings], expiresAt } }
  return { events: [warned, ...overridden, ...acceptedAtOnce(command)] }
}
