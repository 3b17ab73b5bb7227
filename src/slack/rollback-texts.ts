import { stillGetsText } from '../rollout/canary-weight.ts'
import type { EventOf } from '../rollout/events.ts'
import { pointPassed } from '../rollout/point-of-no-return.ts'
import type { State } from '../rollout/state.ts'
import { durationText, escapeText, releaseText, stepsText, timeText, who } from './format.ts'

/** Who or what ordered the rollback, and why. */
export function orderText(event: EventOf<'rollback-ordered'>): string {
  const reason = event.reason === '' ? '' : `: ${escapeText(event.reason)}`
  switch (event.cause) {
    case 'breach':
      if (event.withoutEvidence)
        return `*Slipway took the traffic back by itself while Redis was away*${reason}. So the mark on the cluster says; what was read is not on record.`
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

/** That the traffic could not be taken back; where it was by the time this came on record, nothing goes on any more. */
export function attemptFailedText(event: EventOf<'rollback-attempt-failed'>, state: State): string {
  const { attempt, what, todo, incident } = event
  if (attempt === 0)
    return `*ROLLBACK NOT DONE. The canary has had no traffic.* ${escapeText(what)} ${escapeText(todo)} Trying again every 10 s.`
  if (incident === undefined) {
    return `*ROLLBACK NOT DONE. ${stillGetsText(state)}* ${escapeText(what)} ${escapeText(todo)} Trying again every 10 s; paging.`
  }
  const link = state.pages.find(({ key }) => key === incident)?.link ?? null
  const page = link === null ? 'incident of the breach' : `<${link}|incident of the breach>`
  return `*Taking the traffic back while Redis was away failed at first; since then it is back on stable.* ${escapeText(what)} Paged with the ${page}.`
}

/** That stable is well, and the incident over. */
export function recoveredText({ since }: EventOf<'stable-recovered'>, { parts }: State): string {
  const why =
    parts === undefined
      ? 'Nothing had been prepared, so that there is nothing to watch.'
      : `Stable has been within all limits since ${timeText(since)}.`
  return `${why} Resolving the incident.`
}

/** That nobody saw stable be well for long enough: what it was to be without. */
export function notSeenText({ breaches, spec }: State): string {
  const isFor = (kind: 'alert' | 'pod') => breaches.some(({ evidence }) => evidence[kind] !== undefined)
  const without = `${isFor('alert') ? ' and without the alert' : ''}${isFor('pod') ? ' and without failing pods' : ''}`
  return `Stable was not seen within all limits${without} for ${durationText(spec.resolveAfter)}: the incident stays open for a person.`
}

/** A rollback goes on all the same; people must know what it leaves. */
export function pastReturnText(state: State): string {
  const point = pointPassed(state)
  if (point === null) return ''
  return ` *This is past the point of no return:* the traffic goes back, but ${escapeText(point.what)} is not undone. See that stable works with it.`
}

/** That all traffic is on stable again: since when, how long it took, which steps. */
export function restoredText(event: EventOf<'weights-restored'>, state: State): string {
  const order = state.rollback
  const since = order === undefined ? 0 : Math.max(0, event.restoredAt - order.orderedAt)
  const took = event.restoredAt < (order?.orderedAt ?? 0) ? '' : `, ${durationText(since)} after it was ordered`
  const stable = state.parts === undefined ? 'stable' : `stable (${state.parts.stable})`
  if (order?.cause === 'abort' && event.from === 0)
    return `*Aborted before any traffic. Nothing to do now.* ${releaseText(state)}: stable has kept all of it, read back.`
  const steps = event.steps.length === 0 ? '' : ` Steps: ${stepsText(event.steps)}.`
  return `*Rolled back. Nothing to do now.* ${releaseText(state)}, phase ${state.phase}. All traffic on ${stable} since ${timeText(event.restoredAt)}${took}, read back; the canary had ${event.from} %.${steps} To ship again: fix, then \`/deploy readiness <version>\`.`
}
