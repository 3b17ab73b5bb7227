import type { Event, EventOf, Evidence, Figure } from '../rollout/events.ts'
import { type Comparison, type Metric, metricsOf } from '../rollout/plan.ts'
import { pointPassed } from '../rollout/point-of-no-return.ts'
import { openCheckpoints } from '../rollout/sign-off.ts'
import { isOver, phaseOf, type State, watchedPhase } from '../rollout/state.ts'
import type { Step } from '../rollout/step.ts'
import { checkpointsText } from './checkpoints-message.ts'
import {
  besideText,
  boundsText,
  durationText,
  escapeText,
  thresholdText,
  timeText,
  toleranceText,
  valueText,
  who,
} from './format.ts'
import { handedOverText } from './handover-text.ts'
import * as hold from './hold-texts.ts'
import { observedText, podLine } from './observed-texts.ts'
import { recheckText } from './recheck-text.ts'
import * as signOff from './sign-off-texts.ts'

/** What the thread says of an event: mrkdwn, and whether the whole channel should see it. */
export interface Told {
  readonly text: string
  readonly broadcast?: boolean
}

const release = (state: State) => `${escapeText(state.service)} ${escapeText(state.spec.version)}`

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
        text: `${who(event.by)} asks to *skip the rest of this soak*: ${escapeText(event.reason)}\nNeeds the sign-off of somebody else: *${escapeText(state.spec.decides)}*. Expires at ${timeText(event.expiresAt)}.`,
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
        text: `Prepared. Stable is ${event.stable} (${pods(event.stableSize)}, \`${escapeText(event.stableImage)}\`); the canary will be ${event.canary}.${pinnedText(event)}`,
      }
    case 'signed-off':
      return { text: signOff.signedText(event, state) }
    case 'readiness-rechecked':
      return recheckText(event)
    case 'sign-off-withdrawn':
      return { text: signOff.withdrawnText(event, state) }
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
      return { text: `The canary is ready: ${pods(event.replicas)} in ${durationText(event.ms)}.` }
    case 'traffic-shifted':
      return {
        text: `*The canary gets ${event.weight} %* (was ${event.from} %), read back (${stepsText(event.steps)}). The soak begins: ${durationText(phase?.soak ?? 0)} of observed time.`,
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
        text: `*Paused* by ${who(event.by)}${event.reason === '' ? '' : `: ${escapeText(event.reason)}`}. Watching and rollback go on; the soak does not count.`,
      }
    case 'resumed':
      return { text: `*Resumed* by ${who(event.by)}.` }
    case 'went-blind':
      return {
        text: `*Blind: the soak holds.* No number for ${event.metrics.map((m) => `${titleOf(state, m.metric)} (${escapeText(m.reason)})`).join(', ')}. It goes on by itself when the numbers are back; pages after ${durationText(state.spec.pageAfter)}.`,
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
        text: `*Somebody else changed the cluster:* ${escapeText(event.what)} (field manager: ${escapeText(event.manager)}). The rollout holds until that is undone, or somebody ${state.lost === undefined ? 'decides: take over again, or roll back' : 'rolls back'}.`,
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
      return { text: evidenceText(event.evidence, state), broadcast: true }
    case 'rollback-ordered':
      return {
        text: `${orderText(event)}${pastReturnText(state)}`,
        broadcast: event.cause !== 'breach' || pointPassed(state) !== null,
      }
    case 'rollback-attempt-failed':
      return {
        text: `*ROLLBACK NOT DONE. ${state.weight > 0 ? `The canary still gets ${state.weight} %.` : 'The weights are not confirmed.'}* ${escapeText(event.what)} ${escapeText(event.todo)} Trying again every 10 s; paging.`,
        broadcast: true,
      }
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
        text: `*The pods of ${event.track} stay:* ${escapeText(event.why)}. Look, then press the button or use \`/deploy finish\`.`,
      }
    case 'clean-up-ordered':
      return { text: `${who(event.by)} has the unused pods scaled down all the same.` }
    case 'cleaned-up':
      return { text: `Cleaned up: ${event.track} is scaled down to 0.${unpinnedText(event)}` }
    case 'git-behind':
      return { text: gitText(event) }
    case 'stable-recovered':
      return { text: `Stable has been within all limits since ${timeText(event.since)}. Resolving the incident.` }
    case 'recovery-not-seen':
      return {
        text: `Stable was not seen within all limits for ${durationText(state.spec.resolveAfter)}: the incident stays open for a person.`,
      }
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

function pinnedText({ autoscalers = [] }: EventOf<'prepared'>): string {
  if (autoscalers.length === 0) return ''
  const names = autoscalers.map(({ name, track }) => `${escapeText(name)} (${track})`).join(' and ')
  return ` The minimum of ${names} is held high enough until the end: no autoscaler takes pods away meanwhile.`
}

function unpinnedText({ autoscalers = [] }: EventOf<'cleaned-up'>): string {
  if (autoscalers.length === 0) return ''
  return ` Autoscalers have their own minimum back: ${autoscalers.map(escapeText).join(', ')}.`
}

/** Grouped by object, so that each is found once in Git. */
function gitText({ tool, changes }: EventOf<'git-behind'>): string {
  const objects = [...new Set(changes.map(({ object }) => object))]
  const lines = objects.flatMap((object) => [
    object,
    ...changes.filter((change) => change.object === object).map(({ path, value }) => `  ${path}: ${value}`),
  ])
  return `*Git is behind:* ${escapeText(tool)} manages these objects. Write into Git what stands on the cluster now, before anything there is applied anew:\n\`\`\`\n${escapeText(lines.join('\n')).replaceAll('`', "'")}\n\`\`\``
}

function convergedText({ weight, share, ms, instead }: EventOf<'traffic-converged'>): string {
  if (instead !== undefined)
    return `Requests could not be counted (${escapeText(instead)}): the pause of ${durationText(ms)} after the shift stood in for it.`
  return `Requests follow: the canary gets ${percentText(share)} of them (weight ${weight} %), ${durationText(ms)} after the shift.`
}

function notConvergedText({ track, weight, share, ms }: EventOf<'traffic-not-converged'>, state: State): string {
  const since = durationText(ms)
  if (isOver(state))
    return `*Requests do not follow the weights:* ${track} still gets some, ${since} after it lost its traffic. Its pods stay as long as it does.`
  return `*Requests do not follow the weights:* the canary (${track}) gets ${percentText(share)} of them, ${since} after its weight became ${weight} %. Look at what carries out the route (proxies, gateway), and for traffic that goes past it. Nothing is cleaned up while requests go there.`
}

function percentText(share: number | null): string {
  return share === null ? 'none' : `${Math.round(share * 10) / 10} %`
}

function lostText({ fence, weight }: EventOf<'record-lost'>, state: State): string {
  const newer = `The cluster carries a newer order (${fence.rollout}/${fence.version}) than Redis knows. The canary gets ${weight} %`
  if (state.rollback !== undefined)
    return `*Redis has lost the end of this rollout's record.* ${newer}. The rollback goes on.`
  const todo = weight < 100 ? 'Roll back when you are ready.' : 'Accept it as it stands, or roll back.'
  return `*Held: Redis has lost the end of this rollout's record.* ${newer} and is watched; a broken limit still rolls back. ${todo}`
}

/** Is a rollout that another one has superseded over without a record of its end? */
function lostEnd({ stage, rollback }: State): boolean {
  return stage === 'rolled-back' && rollback?.restoredAt === undefined
}

function pods(count: number): string {
  return count === 1 ? '1 pod' : `${count} pods`
}

function stepsText(steps: readonly Step[]): string {
  return steps.length === 0
    ? 'nothing was left to write'
    : steps.map((s) => `${escapeText(s.name)} ${Math.round(s.ms)} ms`).join(', ')
}

function titleOf(state: State, metric: string): string {
  return escapeText(metricOf(state, metric)?.title ?? metric)
}

function metricOf(state: State, name: string): Metric | undefined {
  return metricsOf(state.spec, watchedPhase(state).phase).find((m) => m.name === name)
}

function tickedText(event: EventOf<'checkpoint-ticked'>, state: State): string {
  const text = phaseOf(state, event.phase)?.checkpoints?.[event.checkpoint - 1]?.text ?? ''
  const left = openCheckpoints(state, event.phase).length
  return `☑ ${escapeText(text)}: ticked off by ${who(event.by)} (${escapeText(event.role)}). ${left === 0 ? `Every checkpoint of phase ${event.phase} is.` : `${left} to go.`}`
}

/** One line a metric: value, target, limit, and in words whether it is good. */
function figuresText(figures: readonly Figure[], state: State): string {
  return figures
    .flatMap((f) => {
      const metric = metricOf(state, f.metric)
      if (metric === undefined) return []
      const word = f.good === false ? 'NOT MET' : f.good === true ? 'met' : 'within its limit'
      return [
        `• ${escapeText(metric.title)} *${besideText(metric.unit, f.value, f.stable)}* (${escapeText(boundsText(metric))}): ${word}`,
      ]
    })
    .join('\n')
}

function decisionText(event: EventOf<'decision-awaited'>, state: State): string {
  const unmet = event.figures.filter((f) => f.good === false)
  const { pageAt, rollBackAt } = event
  return `*Waiting for a decision.* The soak of phase ${event.phase} is over, no limit was broken, but a target does not hold:\n${figuresText(unmet, state)}\nPages at ${timeText(pageAt)}; rolls back by itself at ${timeText(rollBackAt)}.`
}

function evidenceText(evidence: Evidence, state: State): string {
  const metric = metricOf(state, evidence.metric)
  const unit = metric?.unit ?? 'count'
  const answered = state.rollback?.restoredAt === undefined ? 'Rolling back.' : 'That is why traffic was taken back.'
  const query = `\`${escapeText(evidence.query.replaceAll(/\s+/g, ' ')).replaceAll('`', "'")}\``
  if (evidence.alert !== undefined) return `${alertText(evidence, evidence.alert)} ${answered}`
  if (evidence.pod !== undefined) return podText(evidence, evidence.pod, answered)
  if (evidence.comparison !== undefined && metric?.compare !== undefined)
    return `${comparisonText(evidence.comparison, metric, metric.compare)} ${answered}\n${query}`
  const first = evidence.readings[0]?.at ?? 0
  const span = (evidence.readings.at(-1)?.at ?? 0) - first
  const values = evidence.readings.map((r) => valueText(unit, r.value)).join(', ')
  const count = evidence.readings.length
  const readings = count === 1 ? '1 reading' : `${count} readings in ${durationText(span)}`
  const stable = evidence.stableToo
    ? '\n*Stable breaks the same limit: this is probably not the release.* The incident stays open until stable is well.'
    : ''
  return `*Limit broken: ${titleOf(state, evidence.metric)} ${valueText(unit, evidence.value)}*, limit ${metric?.limit === undefined ? 'none' : escapeText(thresholdText(metric.limit))}. ${readings}: ${values}. ${answered}${stable}\n${query}`
}

function alertText({ metric, stableToo }: Evidence, { summary, startsAt }: NonNullable<Evidence['alert']>): string {
  const early = stableToo ? ' *It began before the canary had traffic: this is probably not the release.*' : ''
  const said = summary === '' ? '' : `: ${escapeText(summary)}`
  return `*Alert firing: ${escapeText(metric)}*, since ${timeText(startsAt)}${said}.${early}`
}

function podText({ stableToo }: Evidence, pod: NonNullable<Evidence['pod']>, answered: string): string {
  const stable = stableToo ? ' *Pods of stable fail, too: this is probably not the release.*' : ''
  return `*Pods of the canary fail: ${podLine(pod)}.* ${answered}${stable}${logText(pod.log)}`
}

/** What a log may take of a message (characters, escaped): cut off at its end, its block would not be closed. */
const longestLog = 2_000

/** A pod's last lines as they are, in a block of their own; as many as have room. */
function logText(log: readonly string[] = []): string {
  const escaped = log.map((line) => escapeText(line).replaceAll('`', "'"))
  const fits = (from: number) => escaped.slice(from).join('\n').length <= longestLog
  const from = escaped.findIndex((_, index) => fits(index))
  return from < 0 ? '' : `\nLast lines of its log:\n\`\`\`\n${escaped.slice(from).join('\n')}\n\`\`\``
}

function comparisonText(found: NonNullable<Evidence['comparison']>, metric: Metric, comparison: Comparison): string {
  const { canary, stable, readings, p, effect } = found
  const medians = besideText(metric.unit, canary, stable)
  const chance = p < 0.0001 ? 'p below 0.0001' : `p = ${p.toPrecision(2)}`
  return `*Worse than stable: ${escapeText(metric.title)} ${medians}*, medians of ${readings} readings each; limit ${toleranceText(comparison)}. Worse in ${Math.round(effect * 100)} % of all pairs, ${chance}.`
}

function orderText(event: EventOf<'rollback-ordered'>): string {
  const reason = event.reason === '' ? '' : `: ${escapeText(event.reason)}`
  switch (event.cause) {
    case 'breach':
      return `Rolling back by itself${reason}.`
    case 'hold-expired':
      return `*Rolling back by itself*${reason}.`
    case 'break-glass':
      return `*Traffic was taken back by break-glass* (${escapeText(event.by.name)}).`
    case 'abort':
      return `*Aborted* by ${who(event.by)}${reason}.`
    case 'person':
      return `*Rolling back*, ordered by ${who(event.by)}${event.forced ? ' (forced)' : ''}${reason}.`
  }
}

/** A rollback goes on all the same; people must know what it leaves. */
function pastReturnText(state: State): string {
  const point = pointPassed(state)
  if (point === null) return ''
  return ` *This is past the point of no return:* the traffic goes back, but ${escapeText(point.what)} is not undone. See that stable works with it.`
}

function restoredText(event: EventOf<'weights-restored'>, state: State): string {
  const order = state.rollback
  const since = order === undefined ? 0 : Math.max(0, event.restoredAt - order.orderedAt)
  const took = event.restoredAt < (order?.orderedAt ?? 0) ? '' : `, ${durationText(since)} after it was ordered`
  const stable = state.parts === undefined ? 'stable' : `stable (${state.parts.stable})`
  if (order?.cause === 'abort' && event.from === 0)
    return `*Aborted before any traffic. Nothing to do now.* ${release(state)}: stable has kept all of it, read back.`
  const steps = event.steps.length === 0 ? '' : ` Steps: ${stepsText(event.steps)}.`
  return `*Rolled back. Nothing to do now.* ${release(state)}, phase ${state.phase}. All traffic on ${stable} since ${timeText(event.restoredAt)}${took}, read back; the canary had ${event.from} %.${steps} To ship again: fix, then \`/deploy readiness <version>\`.`
}

function summaryText(event: EventOf<'completed'>, state: State): string {
  const phases = state.phases.map((p) => {
    const signed = p.signOffs.map((s) => `${who(s.by)} (${escapeText(s.role)})`).join(', ')
    return `• Phase ${p.phase}: ${p.skipped === true ? 'soak skipped' : `${durationText(p.observed ?? 0)} observed`}; signed by ${signed}`
  })
  return `*Complete: ${release(state)}*, ${durationText(event.at - state.startedAt)} after its start.\n${phases.join('\n')}\n${figuresText(event.figures, state)}`
}
