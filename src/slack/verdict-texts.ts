import { brokenBy } from '../rollout/broken-by.ts'
import type { EventOf, Evidence, Figure, Undone } from '../rollout/events.ts'
import { type Comparison, type Metric, metricsOf } from '../rollout/plan.ts'
import { type State, watchedPhase } from '../rollout/state.ts'
import {
  besideText,
  boundsText,
  durationText,
  escapeText,
  thresholdText,
  timeText,
  toleranceText,
  valueText,
} from './format.ts'
import { logText, podLine } from './pod-text.ts'

/** One line a metric: value, target, limit, and in words whether it is good. */
export function figuresText(figures: readonly Figure[], state: State): string {
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

/** Which targets do not hold, and until when a person can decide. */
export function decisionText(event: EventOf<'decision-awaited'>, state: State): string {
  const unmet = event.figures.filter((f) => f.good === false)
  const { pageAt, rollBackAt } = event
  return `*Waiting for a decision.* The soak of phase ${event.phase} is over, no limit was broken, but a target does not hold:\n${figuresText(unmet, state)}\nPages at ${timeText(pageAt)}; rolls back by itself at ${timeText(rollBackAt)}.`
}

/** When it rolls back in spite of what holds it, in a sentence; empty while no decision is awaited. */
export function decisionGoesOnText({ decision }: State): string {
  return decision === undefined
    ? ''
    : ` A decision is awaited all the same: it rolls back by itself at ${timeText(decision.rollBackAt)}.`
}

/** Why a limit counts as broken, with what was read, and what was done about it; mrkdwn. */
export function evidenceText({ evidence, undone }: EventOf<'breach-confirmed'>, state: State): string {
  const metric = metricOf(state, evidence.metric)
  const unit = metric?.unit ?? 'count'
  const answered = undone === undefined ? answeredText(state) : undoneText(undone)
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
  const limit = metric?.limit === undefined ? 'none' : escapeText(thresholdText(metric.limit))
  const value = brokenBy(evidence)
  const broken =
    value === null
      ? `${titleOf(state, evidence.metric)} has no number*, which counts as broken here`
      : `${titleOf(state, evidence.metric)} ${valueText(unit, value)}*, limit ${limit}`
  return `*Limit broken: ${broken}. ${readings}: ${values}. ${answered}${stable}\n${query}`
}

/** What was done about a breach; told after the end where it was answered without the ledger. */
function answeredText({ rollback }: State): string {
  if (rollback?.restoredAt === undefined) return 'Rolling back.'
  return rollback.cause === 'person' ? 'Traffic was taken back for this, too.' : 'That is why traffic was taken back.'
}

/** The weight after it is nobody's on record: somebody has raised it by hand, and what stands there is looked at by a person. */
function undoneText({ what, todo }: Undone): string {
  return `*ROLLBACK NOT DONE when that was found:* ${escapeText(what)} ${escapeText(todo)}`
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

function comparisonText(found: NonNullable<Evidence['comparison']>, metric: Metric, comparison: Comparison): string {
  const { canary, stable, readings, p, effect } = found
  const medians = besideText(metric.unit, canary, stable)
  const chance = p < 0.0001 ? 'p below 0.0001' : `p = ${p.toPrecision(2)}`
  return `*Worse than stable: ${escapeText(metric.title)} ${medians}*, medians of ${readings} readings each; limit ${toleranceText(comparison)}. Worse in ${Math.round(effect * 100)} % of all pairs, ${chance}.`
}

/** What people call a metric that the current phase watches; mrkdwn. */
export function titleOf(state: State, metric: string): string {
  return escapeText(metricOf(state, metric)?.title ?? metric)
}

function metricOf(state: State, name: string): Metric | undefined {
  return metricsOf(state.spec, watchedPhase(state).phase).find((m) => m.name === name)
}
