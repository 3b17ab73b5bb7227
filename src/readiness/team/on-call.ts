import { block, defineCheck, few, pass } from '../check.ts'

/** Somebody gets the page. */
export const onCall = defineCheck({
  category: 'team',
  name: 'on-call',
  title: 'Somebody is on call',
  settings: {},
  offBecause: (_, { outside }) => (outside.onCall === undefined ? 'there is no PAGERDUTY_API_TOKEN' : undefined),
  looksAt: ({ config }) => `PagerDuty: ${config.pagerduty.servicePage}`,
  expects: () => 'at least one person',
  async run({ outside }) {
    const people = (await outside.onCall?.()) ?? []
    if (people.length > 0) return pass(few(people))
    return block('nobody', "Fill the service's escalation policy in PagerDuty: a page would reach nobody.")
  },
})
