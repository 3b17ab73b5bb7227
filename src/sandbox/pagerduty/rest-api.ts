import type { Incident } from './incidents.ts'

/** One page of the list; the sandbox has no further ones. */
const limit = 100

/** An incident as the REST API shows it, as far as Slipway may look. */
function resource(incident: Incident, pageUrl: string) {
  const { number, title, status, key, createdAt, resolvedAt } = incident
  return {
    id: `Q${number}`,
    type: 'incident',
    incident_number: number,
    title,
    status,
    incident_key: key,
    urgency: incident.severity === 'critical' || incident.severity === 'error' ? 'high' : 'low',
    created_at: new Date(createdAt).toISOString(),
    resolved_at: resolvedAt === null ? null : new Date(resolvedAt).toISOString(),
    html_url: `${pageUrl}/incidents/${number}`,
  }
}

/** Answers `GET /incidents`, by `incident_key` where one is given. */
export function listIncidents(incidents: readonly Incident[], key: string | null, pageUrl: string) {
  const found = incidents.filter((incident) => key === null || incident.key === key)
  return {
    incidents: found.slice(0, limit).map((incident) => resource(incident, pageUrl)),
    limit,
    offset: 0,
    total: null,
    more: false,
  }
}

/** Answers `GET /services/{id}`: every service has the one escalation policy. */
export function serviceOf(id: string) {
  const policy = { id: 'PPOLICY', type: 'escalation_policy_reference', summary: 'The release' }
  return { service: { id, type: 'service', status: 'active', escalation_policy: policy } }
}

/** Answers `GET /oncalls`, one line a person and level; people as `Name <e-mail>`, or by name alone. */
export function listOnCalls(people: readonly string[]) {
  const oncalls = people.map((person, index) => {
    const [, summary = person, email] = /^(.*) <(.*)>$/.exec(person) ?? []
    return {
      user: { id: `PUSER${index}`, type: 'user', summary, ...(email !== undefined && { email }) },
      escalation_level: index + 1,
      start: null,
      end: null,
    }
  })
  return { oncalls, limit, offset: 0, total: null, more: false }
}
