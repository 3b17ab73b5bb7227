import { SlipwayError } from '../../../src/errors.ts'
import type { Paging } from '../../../src/jobs/ports.ts'
import type { SimulatedProcess } from '../process.ts'

export interface Incident {
  readonly key: string
  readonly number: number
  open: boolean
}

/** Incidents by their keys: a trigger while one is open is the same incident, one after its end opens another. */
export interface PagerDuty {
  readonly incidents: Incident[]
  paging(process: SimulatedProcess): Paging
}

export function createPagerDuty(onOpened: (key: string) => void): PagerDuty {
  const incidents: Incident[] = []
  const failed = () => new SlipwayError('paging-unreachable', {})
  return {
    incidents,
    paging: (process) => ({
      trigger: ({ key }) =>
        process.call({
          system: 'pagerduty',
          name: `trigger ${key}`,
          failed,
          act() {
            const open = incidents.find((i) => i.key === key && i.open)
            if (open !== undefined) return { link: `https://pagerduty.example.com/${open.number}` }
            const number = incidents.length + 1
            incidents.push({ key, number, open: true })
            onOpened(key)
            return { link: `https://pagerduty.example.com/${number}` }
          },
        }),
      resolve: (key) =>
        process.call({
          system: 'pagerduty',
          name: `resolve ${key}`,
          failed,
          act() {
            for (const incident of incidents) if (incident.key === key) incident.open = false
          },
        }),
      change: ({ summary }) =>
        process.call({ system: 'pagerduty', name: `change ${summary}`, failed, act: () => undefined }),
    }),
  }
}
