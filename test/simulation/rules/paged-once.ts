import { Broken } from './broken.ts'
import type { Rule } from './scene.ts'

const rule = 'paged-once'

/** Rule 8: every page is sent once; an incident that was resolved is not opened again. */
export const pagedOnce: Rule = ({ outside: { pagerduty, witness } }) => {
  const opened = new Set<string>()
  return {
    incidentOpened(key) {
      if (opened.has(key)) throw new Broken(rule, `${key} was paged again after it had been resolved`)
      opened.add(key)
    },
    settled() {
      for (const rollout of witness.ledgers.keys()) {
        for (const page of witness.stateOf(rollout)?.pages ?? []) {
          const incident = pagerduty.incidents.find((i) => i.key === page.key)
          if (incident === undefined) throw new Broken(rule, `${page.key} was never sent`)
          if (page.resolved && incident.open) throw new Broken(rule, `${page.key} is recorded as resolved, but is open`)
        }
      }
    },
  }
}
