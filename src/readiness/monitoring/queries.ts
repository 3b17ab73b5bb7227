import { SlipwayError } from '../../errors.ts'
import { type Reading, readMetric } from '../../jobs/read-metrics.ts'
import type { Metric } from '../../rollout/plan.ts'
import { valueText } from '../../slack/format.ts'
import { block, defineCheck, few, pass } from '../check.ts'
import type { Subject } from '../subject.ts'
import { stableOf } from '../tracks.ts'

/** The reading of a metric as if stable were the canary: only stable has traffic now. */
async function readingOf(subject: Subject, metric: Metric): Promise<Reading> {
  const { config, version, image } = subject
  const { track } = await stableOf(subject)
  const other = track === 'blue' ? 'green' : 'blue'
  const longest = metric.window === 'phase' ? config.release.interval * 6 : metric.window
  return {
    spec: { ...config.release, version, image },
    phase: 0,
    canary: track,
    stable: metric.scope === 'stable' || metric.compare !== undefined ? track : other,
    weight: 100,
    ran: Math.max(longest, metric.warmUp ?? 0),
  }
}

/** Every metric has a number now. Metrics that compare two tracks are read when both have traffic. */
export const queries = defineCheck({
  category: 'monitoring',
  name: 'queries',
  title: 'Every metric has a number',
  settings: {},
  startOnly: true,
  looksAt: ({ config }) =>
    `${config.release.metrics.length} queries of release.metrics, the canary's asked about stable`,
  expects: () => 'one fresh, finite number each',
  async run(subject) {
    const { world, config } = subject
    const metrics = config.release.metrics.filter((m) => m.scope !== 'compare' || m.compare !== undefined)
    const read = await Promise.all(
      metrics.map(async (metric) => ({
        metric,
        value: await readMetric(world, await readingOf(subject, metric), metric),
      })),
    )
    const missing = read.flatMap(({ metric, value }) =>
      'missing' in value ? [`${metric.title} (${value.missing}: ${value.detail})`] : [],
    )
    const details = read.map(({ metric, value }) =>
      'missing' in value
        ? `${metric.title}: no number (${value.missing}: ${value.detail})`
        : `${metric.title}: ${valueText(metric.unit, value.value)}`,
    )
    if (missing.length === 0) return pass(`${read.length} numbers`, details)
    const failed = read.flatMap(({ metric, value }) =>
      'missing' in value && value.missing === 'failed' && value.refused === undefined
        ? [`${metric.title}: ${value.detail}`]
        : [],
    )
    // What was found counts before what could not be asked.
    if (failed.length === missing.length) throw new SlipwayError('query-failed', { detail: few(failed) })
    return block(`no number for ${few(missing)}`, 'Check the query and its source: no soak passes without it.', details)
  },
})
