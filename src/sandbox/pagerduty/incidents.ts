/** One incident, as the sandbox's PagerDuty keeps it. Times in ms since 1970. */
export interface Incident {
  readonly number: number
  readonly key: string
  readonly title: string
  readonly severity: string
  readonly status: 'triggered' | 'resolved'
  readonly source: string
  readonly client: string
  readonly details: Readonly<Record<string, unknown>>
  /** How many triggers it got. */
  readonly alerts: number
  readonly createdAt: number
  readonly resolvedAt: number | null
  readonly log: readonly { readonly at: number; readonly text: string }[]
}

export type IncidentEvent =
  | ({ readonly action: 'trigger' } & Pick<Incident, 'key' | 'title' | 'severity' | 'source' | 'client' | 'details'>)
  | { readonly action: 'resolve'; readonly key: string }

/** The number of the first incident. */
const firstNumber = 4711

/** What an event makes of the incidents. A key has at most one open incident; one after a resolve is new. */
export function applied(incidents: readonly Incident[], event: IncidentEvent, at: number): readonly Incident[] {
  const open = incidents.find(({ key, status }) => key === event.key && status === 'triggered')
  if (event.action === 'resolve') {
    if (open === undefined) return incidents
    const log = [...open.log, { at, text: 'Resolved' }]
    return incidents.map((one) => (one === open ? { ...open, status: 'resolved', resolvedAt: at, log } : one))
  }
  if (open !== undefined) {
    const log = [...open.log, { at, text: `Triggered again: ${event.title}` }]
    return incidents.map((one) => (one === open ? { ...open, alerts: open.alerts + 1, log } : one))
  }
  const { action: _action, ...rest } = event
  const incident: Incident = {
    ...rest,
    number: firstNumber + incidents.length,
    status: 'triggered',
    alerts: 1,
    createdAt: at,
    resolvedAt: null,
    log: [{ at, text: `Triggered: ${event.title}` }],
  }
  return [...incidents, incident]
}
