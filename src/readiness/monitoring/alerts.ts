import { z } from 'zod'
import { url, words } from '../../config/fields.ts'
import { block, defineCheck, few, pass, warn } from '../check.ts'

/** Nothing critical fires for the service, and no silence hides that something does. */
export const alerts = defineCheck({
  category: 'monitoring',
  name: 'alerts',
  title: 'No critical alert fires',
  settings: {
    url: url.exactOptional().describe("Alertmanager's address. Off without it."),
    labels: z
      .record(z.string(), words)
      .prefault({ severity: 'critical' })
      .describe('Alerts count that have all of these labels.'),
  },
  offBecause: ({ url }) => (url === undefined ? 'no url of Alertmanager is configured' : undefined),
  looksAt: (_, { url, labels }) => `alerts with ${textOf(labels)} at ${url}`,
  expects: () => 'none that fires, and none that a silence hides',
  async run({ outside }, { url = '', labels }) {
    const known = await outside.alerts(url, labels)
    const firing = known.filter((alert) => !alert.silenced).map(({ name }) => name)
    const hidden = known.filter((alert) => alert.silenced).map(({ name }) => name)
    if (firing.length > 0) return block(`firing: ${few(firing)}`, 'See to these alerts first.')
    if (hidden.length > 0)
      return warn(`silenced, but firing: ${few(hidden)}`, 'End the silence, or be sure of what it hides.')
    return pass('none')
  },
})

const textOf = (labels: Readonly<Record<string, string>>) =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')
