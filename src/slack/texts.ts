import type { Event, EventOf } from '../rollout/events.ts'
import { pointPassed } from '../rollout/point-of-no-return.ts'
import { phaseOf, type State } from '../rollout/state.ts'
import { checkpointsText, tickedText } from './checkpoints-message.ts'
import { gitText, pinnedText, unpinnedText } from './clean-up-texts.ts'
import { durationText, escapeText, podsText, releaseText, stepsText, timeText, who } from './format.ts'
import { handedOverText } from './handover-text.ts'
import * as hold from './hold-texts.ts'
import { lostEnd, lostText } from './lost-texts.ts'
import { observedText } from './observed-texts.ts'
import { logText } from './pod-text.ts'
import { recheckText } from './recheck-text.ts'
import {
  attemptFailedText,
  notSeenText,
  orderText,
  pastReturnText,
  recoveredText,
  restoredText,
} from './rollback-texts.ts'
import * as signOff from './sign-off-texts.ts'
import type { Told } from './told.ts'
import { convergedText, notConvergedText } from './traffic-texts.ts'
import { decisionGoesOnText, decisionText, evidenceText, figuresText, titleOf } from './verdict-texts.ts'

/** What the thread says of an event, or null where it says nothing. `state` is the state after the event. */
export function threadText(event: Event, state: State): Told | null {
  const observed = observedText(event, state)
  if (observed !== undefined) return observed
  const phase = phaseOf(state, state.phase)
  const phases = state.spec.phases.length
  switch (event.type) {
    case 'rollout-started':
    case 'rollout-found':
    case 'sign-off-requested':
      // The card and the plan are messages of their own.
      return null
    case 'slack-lost':
    case 'slack-away-too-long':
      // Told by `slack-back`: before that nobody could read it.
      return null
    case 'slack-back':
      return {
        text: `*Slack could not be reached* from ${timeText(event.since)} to ${timeText(event.at)}: clicks and commands of that time did not arrive. Deadlines are later by ${durationText(event.at - event.since)}. Watching and rollback went on.`,
      }
    case 'record-lost':
      return { text: lostText(event, state), broadcast: true }
    case 'superseded':
      return {
        text: `${lostEnd(state) ? '*This rollout is over, but Redis has lost how it ended:*' : 'Nothing is left to clean up:'} the cluster carries the mark of rollout ${event.fence.rollout}.`,
        broadcast: lostEnd(state),
      }
    case 'handed-over':
      return { text: handedOverText(event, state) }
    case 'locked':
      return hold.lockedText(event)
    case 'unlocked':
      return hold.unlockedText(event)
    case 'hold-overridden':
      return hold.overriddenText(event)
    case 'warnings-accepted':
      return {
        text: `*The warnings of the readiness report are accepted* by ${who(event.by)} (${escapeText(event.role)}): ${escapeText(event.reason)}`,
      }
    case 'skip-asked':
      return {
        text: `${who(event.by)} asks to *skip the rest of the soak of phase ${event.phase}*: ${escapeText(event.reason)}\nNeeds the sign-off of somebody else: *${escapeText(state.spec.decides)}*. Expires at ${timeText(event.expiresAt)}.`,
      }
    case 'soak-skipped':
      return {
        text: `*Soak of phase ${event.phase} skipped*, signed by ${who(event.by)} (${escapeText(event.role)}): ${escapeText(event.reason)}`,
      }
    case 'skip-rejected':
      return { text: `Skipping was rejected by ${who(event.by)} (${escapeText(event.role)}). The soak goes on.` }
    case 'skip-expired':
      return { text: 'Nobody signed for skipping in time. The soak goes on.' }
    case 'prepared':
      return {
        text: `Prepared. Stable is ${event.stable} (${podsText(event.stableSize)}, \`${escapeText(event.stableImage)}\`); the canary will be ${event.canary}.${pinnedText(event)}`,
      }
    case 'signed-off':
      return { text: signOff.signedText(event, state) }
    case 'readiness-rechecked':
      return recheckText(event)
    case 'sign-off-withdrawn':
      return signOff.withdrawnText(event, state)
    case 'sign-off-nudged':
      return { text: signOff.nudgedText(event, state) }
    case 'sign-off-opened':
      return { text: signOff.openedText(event) }
    case 'sign-off-voided':
      return { text: signOff.voidedText(event), broadcast: true }
    case 'image-ids-seen': {
      const text = signOff.imageIdsText(event)
      return text === null ? null : { text, broadcast: true }
    }
    case 'checkpoints-asked':
      return { text: checkpointsText(event, state) }
    case 'checkpoint-ticked':
      return { text: tickedText(event, state) }
    case 'sign-off-cancelled':
      return {
        text: `${who(event.by)} has *cancelled* the request. Nothing was changed. Ask again with \`/deploy advance\`.`,
      }
    case 'sign-off-rejected': {
      const reason = event.reason === undefined ? '' : `: ${escapeText(event.reason)}`
      return {
        text: `*Rejected* by ${who(event.by)} (${escapeText(event.role)})${reason}. Nothing was changed. Ask again with \`/deploy advance\`.`,
      }
    }
    case 'sign-off-expired':
      return { text: '*The request has expired*; its sign-offs no longer count. Ask again with `/deploy advance`.' }
    case 'phase-started':
      return {
        text: `*Phase ${event.phase} of ${phases} starts*: ${escapeText(phase?.name ?? '')}. Every required role has signed. Sizing the canary.`,
      }
    case 'canary-ready':
      return { text: `The canary is ready: ${podsText(event.replicas)} in ${durationText(event.ms)}.` }
    case 'traffic-shifted':
      return {
        text: `*The canary gets ${event.weight} %* (was ${event.from} %), read back (${stepsText(event.steps)}). The soak begins: ${durationText(phase?.soak ?? 0)} of observed time.${event.unsigned === undefined ? '' : ` *This was found only while it was written, and nobody has signed for it:* ${escapeText(event.unsigned)} Roll back if nobody meant it.`}`,
        ...(event.unsigned !== undefined && { broadcast: true }),
      }
    case 'step-failed':
      return {
        text: `*Stuck${phase === undefined ? '' : ` in phase ${phase.number}`}: ${escapeText(event.what)}* ${escapeText(event.todo)}${logText(event.log)}`,
        broadcast: true,
      }
    case 'step-retried':
      return { text: `Trying again, asked by ${who(event.by)}.` }
    case 'soak-passed':
      return {
        text: `*Phase ${event.phase} passed* after ${durationText(event.observed)} observed.\n${figuresText(event.figures, state)}`,
      }
    case 'decision-awaited':
      return { text: decisionText(event, state), broadcast: true }
    case 'decision-overdue':
      return { text: `Nobody has decided for ${durationText(state.spec.pageAfter)}: paging.` }
    case 'soak-extended':
      return { text: `${who(event.by)} lets it soak ${durationText(event.ms)} more.` }
    case 'targets-accepted':
      return { text: `*Accepted* by ${who(event.by)} (${escapeText(event.role)}): ${escapeText(event.reason)}` }
    case 'paused':
      return {
        text: `*Paused* by ${who(event.by)}${event.reason === '' ? '' : `: ${escapeText(event.reason)}`}. Watching and rollback go on; the soak does not count.${decisionGoesOnText(state)}`,
      }
    case 'resumed':
      return { text: `*Resumed* by ${who(event.by)}.` }
    case 'went-blind':
      return {
        text: `*Blind: the soak holds.* No number for ${event.metrics.map((m) => `${titleOf(state, m.metric)} (${escapeText(m.reason)})`).join(', ')}. It goes on by itself when the numbers are back; pages after ${durationText(state.spec.pageAfter)}.${decisionGoesOnText(state)}`,
        broadcast: true,
      }
    case 'blind-too-long':
      return { text: `Blind since ${timeText(event.since)}: paging.` }
    case 'sight-regained':
      return {
        text: `${state.weight > 0 ? 'All metrics have numbers again.' : 'The canary has no traffic, so there is nothing to judge.'} Blind since ${timeText(event.since)}; that time did not count.`,
      }
    case 'drift-found':
      return {
        text: `*Somebody else changed the cluster:* ${escapeText(event.what)} (field manager: ${escapeText(event.manager)}). The rollout holds until that is undone, or somebody ${state.lost === undefined ? 'decides: take over again, or roll back' : 'rolls back'}.${decisionGoesOnText(state)}`,
        broadcast: true,
      }
    case 'taken-over':
      return {
        text: `*Taken over again* by ${who(event.by)}: Slipway writes its own back (${escapeText(event.what)}).`,
      }
    case 'take-over-failed':
      return {
        text: `*Taking over failed:* ${escapeText(event.what)} ${escapeText(event.todo)} The rollout holds on; rolling back works at any time.`,
        broadcast: true,
      }
    case 'drift-gone':
      return { text: 'The cluster is again as Slipway left it. The rollout goes on.' }
    case 'breach-confirmed':
      return { text: evidenceText(event, state), broadcast: true }
    case 'rollback-ordered':
      return {
        text: `${orderText(event)}${pastReturnText(state)}`,
        broadcast: event.cause !== 'breach' || event.withoutEvidence === true || pointPassed(state) !== null,
      }
    case 'rollback-attempt-failed':
      return { text: attemptFailedText(event, state), broadcast: event.incident === undefined }
    case 'weights-restored':
      return { text: restoredText(event, state), broadcast: true }
    case 'traffic-verified':
      return {
        text: `${
          event.pause === undefined
            ? `Requests confirm it: ${event.track} gets none any more.`
            : `Requests can't be counted here: the pause of ${durationText(event.pause)} stood in for it. ${event.track} counts as idle.`
        }${state.spec.drained === undefined ? '' : ' Its pods stay until their work has left them, too.'}`,
      }
    case 'traffic-converged':
      return { text: convergedText(event) }
    case 'traffic-not-converged':
      return { text: notConvergedText(event, state), broadcast: true }
    case 'clean-up-held':
      return {
        text: event.failed
          ? `*Cleaning up ${event.track} failed:* ${escapeText(event.why)} Mend it, then press the button or use \`/deploy finish\`. Until then the next rollout can't start.`
          : `*The pods of ${event.track} stay:* ${escapeText(event.why)}. Look, then press the button or use \`/deploy finish\`. Until then the next rollout can't start.`,
        broadcast: true,
      }
    case 'clean-up-ordered':
      return { text: `${who(event.by)} has the unused pods scaled down all the same.` }
    case 'clean-up-retried':
      return { text: `${who(event.by)} has it cleaned up again.` }
    case 'cleaned-up':
      return { text: `Cleaned up: ${event.track} is scaled down to 0.${unpinnedText(event)}` }
    case 'git-behind':
      return { text: gitText(event) }
    case 'stable-recovered':
      return { text: recoveredText(event, state) }
    case 'recovery-not-seen':
      return { text: notSeenText(state) }
    case 'window-opened':
      return {
        text: `*Released: all traffic is on ${escapeText(state.spec.version)}.* It is watched for ${durationText(event.ms)} more, and can be rolled back until then.`,
        broadcast: true,
      }
    case 'completed':
      return { text: summaryText(event, state), broadcast: true }
    case 'page-sent':
      return { text: `Paged: <${event.link}|incident at PagerDuty>.` }
    case 'page-resolved':
      return { text: 'The incident is resolved.' }
    case 'tracks-seen':
    case 'weight-seen':
    case 'soak-seen':
    case 'breach-seen':
    case 'breach-over':
    case 'page-withheld':
    case 'observation-ended':
      // Only a rollout that is observed has these: told above.
      return null
  }
}

function summaryText(event: EventOf<'completed'>, state: State): string {
  const phases = state.phases.map((p) => {
    const signed = p.signOffs.map((s) => `${who(s.by)} (${escapeText(s.role)})`).join(', ')
    return `• Phase ${p.phase}: ${p.skipped === true ? 'soak skipped' : `${durationText(p.observed ?? 0)} observed`}; signed by ${signed}`
  })
  return `*Complete: ${releaseText(state)}*, ${durationText(event.at - state.startedAt)} after its start.\n${phases.join('\n')}\n${figuresText(event.figures, state)}`
}
