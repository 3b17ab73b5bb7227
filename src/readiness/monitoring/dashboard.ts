import { url, words } from '../../config/fields.ts'
import { block, defineCheck, pass } from '../check.ts'

/** The dashboard that people will look at exists. */
export const dashboard = defineCheck({
  category: 'monitoring',
  name: 'dashboard',
  title: 'The Grafana dashboard exists',
  severity: 'warn',
  settings: {
    url: url.exactOptional().describe("Grafana's address. Off without it; GRAFANA_TOKEN where Grafana wants one."),
    uid: words.exactOptional().describe("The dashboard's uid, as its address has it after /d/."),
  },
  offBecause: ({ url, uid }) =>
    url === undefined || uid === undefined ? 'no url and uid of a dashboard are configured' : undefined,
  looksAt: (_, { url, uid }) => `dashboard ${uid} at ${url}`,
  expects: () => 'there is one',
  async run({ outside }, { url = '', uid = '' }) {
    const title = await outside.dashboard(url, uid)
    return title === null ? block(`there is no dashboard ${uid}`, 'Import the dashboard, or set its uid.') : pass(title)
  },
})
