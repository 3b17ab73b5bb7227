import type { Check } from './check.ts'
import { alerts } from './monitoring/alerts.ts'
import { dashboard } from './monitoring/dashboard.ts'
import { queries } from './monitoring/queries.ts'
import { scrapeTargets } from './monitoring/scrape-targets.ts'

/** What watches the release can see. */
export const monitoring: readonly Check[] = [queries, scrapeTargets, alerts, dashboard]
