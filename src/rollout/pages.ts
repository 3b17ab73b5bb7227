import type { Event, Evidence } from './events.ts'
import { pointPassed } from './point-of-no-return.ts'
import type { PageRecord, State } from './state.ts'

export type PageCause =
  | 'breach'
  | 'rollback-failed'
  | 'decision-overdue'
  | 'blind'
  | 'slack-away'
  | 'record-lost'
  | 'past-return'

/** What an event means for PagerDuty. The words are made where the page is sent. */
export type PageAction =
  | { readonly do: 'trigger'; readonly key: string; readonly cause: PageCause }
  | { readonly do: 'resolve'; readonly key: string }

/** The key under which the next breach of a rollout is paged, also by a process that can't reach the ledger, which has so many `more` to record. */
export function breachKey({ service, rollout, breaches }: State, more = 0): string {
  return keyOf({ service, rollout }, 'breach', breaches.length + 1 + more)
}

/** The key under which it is paged that a rollback fails: once for each rollout. */
export function failedKey({ service, rollout }: Pick<State, 'service' | 'rollout'>): string {
  return keyOf({ service, rollout }, 'rollback-failed', 1)
}

function keyOf({ service, rollout }: Pick<State, 'service' | 'rollout'>, cause: PageCause, number: number): string {
  return `${service}/${rollout}/${cause}/${number}`
}

/** The incident that an event opens, or null. Its key deduplicates: service, rollout, cause, number. `state` is the state after it. */
export function incidentOpenedBy(
  event: Event,
  state: State,
): { readonly key: string; readonly cause: PageCause } | null {
  const incident = (cause: PageCause, number: number) => ({
    key: keyOf(event, cause, number),
    cause,
  })
  switch (event.type) {
    case 'breach-confirmed': {
      const opened = incident('breach', event.number)
      // Its evidence comes after its incident: paged again it would come back, also once it was resolved.
      return state.rollback?.incident === opened.key ? null : opened
    }
    case 'rollback-attempt-failed':
      return event.attempt === 1 && event.incident === undefined
        ? { key: failedKey(event), cause: 'rollback-failed' }
        : null
    case 'decision-overdue':
      return incident('decision-overdue', event.version)
    case 'blind-too-long':
      return incident('blind', event.version)
    case 'slack-away-too-long':
      return incident('slack-away', event.version)
    case 'rollout-found':
    case 'record-lost':
      return incident('record-lost', event.version)
    // The page of a breach says it, too; nobody decided about this one.
    case 'rollback-ordered':
      if (event.withoutEvidence) return { key: breachKey(state), cause: 'breach' }
      return event.cause === 'hold-expired' && pointPassed(state) !== null
        ? incident('past-return', event.version)
        : null
    default:
      return null
  }
}

/** Which incidents an event opens or resolves. Pure; `state` is the state after the event. */
export function pageActions(event: Event, state: State): readonly PageAction[] {
  const opened = incidentOpenedBy(event, state)
  if (opened !== null) return [{ do: 'trigger', ...opened }]
  return causesResolvedBy(event).flatMap((cause) =>
    unresolved(state, cause).map((p) => ({ do: 'resolve' as const, key: p.key })),
  )
}

function unresolved(state: State, cause: PageCause): readonly PageRecord[] {
  return state.pages.filter((p) => !p.resolved && p.cause === cause)
}

/** The breaches on record whose page PagerDuty is not known to have taken, oldest first. */
export function unsentBreaches(state: State): readonly { readonly key: string; readonly evidence: Evidence }[] {
  const unsent = unresolved(state, 'breach').filter(({ link }) => link === null)
  return unsent.flatMap(({ key }) => {
    const breach = state.breaches.find(({ number }) => keyOf(state, 'breach', number) === key)
    return breach === undefined ? [] : [{ key, evidence: breach.evidence }]
  })
}

function causesResolvedBy(event: Event): readonly PageCause[] {
  switch (event.type) {
    case 'soak-extended':
      return ['decision-overdue']
    case 'targets-accepted':
      return ['decision-overdue', 'record-lost']
    case 'sight-regained':
      return ['blind']
    case 'slack-back':
      return ['slack-away']
    // Another rollout's mark is on the cluster: nothing of this one is left to look after.
    case 'superseded':
      return ['breach', 'rollback-failed', 'decision-overdue', 'blind', 'slack-away', 'record-lost', 'past-return']
    // The weights are back and stable has been within limits long enough: only now is it over.
    case 'stable-recovered':
      return ['breach', 'rollback-failed', 'decision-overdue', 'blind', 'record-lost', 'past-return']
    default:
      return []
  }
}
