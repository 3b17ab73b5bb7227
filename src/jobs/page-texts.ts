import { brokenBy } from '../rollout/broken-by.ts'
import { stillGetsText, weightText } from '../rollout/canary-weight.ts'
import type { Event, Evidence, Undone } from '../rollout/events.ts'
import { metricsOf } from '../rollout/plan.ts'
import { pointPassed } from '../rollout/point-of-no-return.ts'
import { type State, watchedPhase } from '../rollout/state.ts'
import type { Page } from './ports.ts'

/** What a page says of the event that opened its incident. */
export function pageOf(event: Event, state: State, key: string): Page {
  const { phase, weight } = state
  switch (event.type) {
    case 'breach-confirmed':
      return breachPage(state, event.evidence, key, event.undone)
    case 'rollback-attempt-failed':
      return rollbackFailedPage(state, event, key)
    case 'decision-overdue':
      return page(state, key, 'error', `phase ${phase} waits for a decision; it rolls back by itself.`)
    case 'slack-away-too-long':
      return page(
        state,
        key,
        'error',
        `Slack can't be reached; the rollout holds with ${weightText(state)} on the canary. By hand: slipway rollback -f`,
      )
    case 'rollout-found':
    case 'record-lost':
      return page(
        state,
        key,
        'critical',
        state.rollback === undefined
          ? `Redis has lost this rollout's record; it holds with ${weight} % on the canary and waits for a person. Roll back with /deploy rollback.`
          : `Redis has lost the end of this rollout's record; the canary gets ${weight} %, and it is being rolled back.`,
      )
    case 'rollback-ordered':
      return event.withoutEvidence
        ? page(state, key, 'critical', `${event.reason}; all traffic was taken back while Redis was away.`)
        : page(state, key, 'critical', `nobody decided in time; rolling back.`)
    default:
      return page(
        state,
        key,
        'error',
        `no numbers to judge phase ${phase} by; the soak holds with ${weightText(state)} on the canary.`,
      )
  }
}

/** The page of a confirmed breach; also sent by a process that can't reach the ledger, and maybe not the cluster (`undone`). */
export function breachPage(state: State, evidence: Evidence, key: string, undone?: Undone): Page {
  const { metric, query, stableToo } = evidence
  const answer = undone === undefined ? 'rolling back.' : `ROLLBACK NOT DONE: ${undone.what} ${undone.todo}`
  if (evidence.alert !== undefined) {
    const early = stableToo ? ' It began before the canary had traffic: probably not the release.' : ''
    const { summary: said, fingerprint } = evidence.alert
    const more = { alert: metric, summary: said, fingerprint }
    return page(state, key, 'critical', `alert ${metric} fires in phase ${state.phase}; ${answer}${early}`, more)
  }
  if (evidence.pod !== undefined) {
    const { name: pod, reason, message, log } = evidence.pod
    const hint = stableToo ? ' Pods of stable fail, too: probably not the release.' : ''
    const more = { pod, reason, message, ...(log.length > 0 && { log: log.join('\n') }) }
    return page(state, key, 'critical', `${pod} fails (${reason}) in phase ${state.phase}; ${answer}${hint}`, more)
  }
  const limit = limitOf(state, metric)
  const hint = stableToo ? ' Stable breaks it too: probably not the release.' : ''
  const value = brokenBy(evidence)
  const details = { metric, value: String(value ?? 'no number'), limit, query }
  const broken = value === null ? 'has no number, which counts as broken,' : `broke its limit (${limit})`
  const summary = `${metric} ${broken} in phase ${state.phase}; ${answer}${hint}`
  return page(state, key, 'critical', summary, details)
}

/** The page of a rollback that fails; also sent by a process that can't reach the ledger. */
export function rollbackFailedPage(state: State, { what, todo }: Undone, key: string): Page {
  return page(state, key, 'critical', `ROLLBACK NOT DONE. ${stillGetsText(state)} ${what}`, { todo })
}

function limitOf(state: State, name: string): string {
  const metric = metricsOf(state.spec, watchedPhase(state).phase).find((m) => m.name === name)
  const { compare, limit } = metric ?? {}
  return compare === undefined ? (limit?.text ?? '') : `${Math.round(compare.tolerance * 100)} % worse than stable`
}

/** The key under which it is paged that Redis stays away: once for each rollout, whoever does. */
export function withoutRedisKey({ service, rollout }: Pick<State, 'service' | 'rollout'>): string {
  return `${service}/${rollout}/redis`
}

/**
 * The page of a Redis that stays away while the canary has traffic; no ledger can hold its incident. `seen`: the canary's weight in percent, as the
 * cluster has just shown it; null while that can't be asked.
 */
export function withoutRedisPage(state: State, seen: number | null): Page {
  const weight = seen === null ? weightText(state) : `${seen} %`
  const summary = `Redis can't be reached; the canary keeps ${weight} and is watched from memory. Rollback works.`
  return page(state, withoutRedisKey(state), 'error', summary, { weight })
}

function page(
  state: State,
  key: string,
  severity: Page['severity'],
  what: string,
  more: Readonly<Record<string, string>> = {},
): Page {
  const { service, spec, phase } = state
  const point = pointPassed(state)
  const past = point === null ? '' : ` Past the point of no return: a rollback does not undo ${point.what}.`
  const common = { service, version: spec.version, phase: String(phase), weight: weightText(state) }
  return { key, severity, summary: `${service} ${spec.version}: ${what}${past}`, details: { ...common, ...more } }
}
