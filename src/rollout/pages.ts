import type { Event } from './events.ts'
import type { PageRecord, State } from './state.ts'

export type PageCause = 'breach' | 'rollback-failed' | 'decision-overdue' | 'blind'

/** What an event means for PagerDuty. The words are made where the page is sent. */
export type PageAction =
  | { readonly do: 'trigger'; readonly key: string; readonly cause: PageCause }
  | { readonly do: 'resolve'; readonly key: string }

/** The incident that an event opens, or null. Its key deduplicates: service, rollout, cause, number. */
export function incidentOpenedBy(event: Event): { readonly key: string; readonly cause: PageCause } | null {
  const incident = (cause: PageCause, number: number) => ({
    key: `${event.service}/${event.rollout}/${cause}/${number}`,
    cause,
  })
  switch (event.type) {
    case 'breach-confirmed':
      return incident('breach', event.number)
    case 'rollback-attempt-failed':
      return event.attempt === 1 ? incident('rollback-failed', 1) : null
    case 'decision-overdue':
      return incident('decision-overdue', event.version)
    case 'blind-too-long':
      return incident('blind', event.version)
    default:
      return null
  }
}

/** Which incidents an event opens or resolves. Pure; `state` is the state after the event. */
export function pageActions(event: Event, state: State): readonly PageAction[] {
  const opened = incidentOpenedBy(event)
  if (opened !== null) return [{ do: 'trigger', ...opened }]
  return causesResolvedBy(event).flatMap((cause) =>
    unresolved(state, cause).map((p) => ({ do: 'resolve' as const, key: p.key })),
  )
}

function unresolved(state: State, cause: PageCause): readonly PageRecord[] {
  return state.pages.filter((p) => !p.resolved && p.cause === cause)
}

function causesResolvedBy(event: Event): readonly PageCause[] {
  switch (event.type) {
    case 'soak-extended':
    case 'targets-accepted':
      return ['decision-overdue']
    case 'sight-regained':
      return ['blind']
    // The weights are back and stable has been within limits long enough: only now is it over.
    case 'stable-recovered':
      return ['breach', 'rollback-failed', 'decision-overdue', 'blind']
    default:
      return []
  }
}
