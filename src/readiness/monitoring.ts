import type { Config } from '../config/config.ts'
import { readMetric } from '../jobs/read-metrics.ts'
import { valueText } from '../slack/format.ts'
import { stableOf } from './application.ts'
import { block, type Check, pass } from './check.ts'

/** Prometheus answers every configured query with one fresh number. The canary's queries are asked about stable. */
export function monitoring(config: Config): readonly Check[] {
  return config.release.metrics.map((metric) => ({
    category: 'monitoring',
    name: `${metric.title} has a number`,
    async run({ world, version, view }) {
      const { track } = stableOf(await view())
      const other = track === 'blue' ? 'green' : 'blue'
      if (metric.scope === 'compare' && metric.compare === undefined)
        return pass('compares two tracks: read when both have traffic')
      const spec = { ...world.config.release, version, image: '' }
      const longest = metric.window === 'phase' ? config.release.interval * 6 : metric.window
      const reading = {
        spec,
        phase: 0,
        canary: track,
        stable: metric.scope === 'stable' || metric.compare !== undefined ? track : other,
        weight: 100,
        ran: Math.max(longest, metric.warmUp ?? 0),
      }
      const value = await readMetric(world, reading, metric)
      if ('value' in value) return pass(valueText(metric.unit, value.value))
      return block(`no number (${value.missing}: ${value.detail}): check the query and its source`)
    },
  }))
}
