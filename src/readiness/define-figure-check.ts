import { threshold, words } from '../config/fields.ts'
import { parseThreshold } from '../config/notation.ts'
import { satisfies } from '../rollout/analysis.ts'
import { thresholdText, valueText } from '../slack/format.ts'
import { askPrometheus } from './ask-prometheus.ts'
import type { Category } from './category.ts'
import { block, defineCheck, pass } from './check.ts'

interface FigureCheck {
  readonly category: Category
  readonly name: string
  readonly title: string
  /** What the figure is, where the description of the setting goes on with it: `agents that are available`. */
  readonly figure: string
  /** What is expected where nothing is configured, in the notation of the file; what is configured is of the same unit. */
  readonly expect: string
  readonly mend: string
  readonly startOnly?: true
}

/**
 * A check that one figure of Prometheus is as expected. Which query gives it only the configuration knows, so without one the
 * check is off, and the report says so.
 */
export function defineFigureCheck({ category, name, title, figure, expect, mend, startOnly }: FigureCheck) {
  const unit = parseThreshold(expect)?.unit
  return defineCheck({
    category,
    name,
    title,
    ...(startOnly && { startOnly }),
    settings: {
      query: words
        .exactOptional()
        .describe(`PromQL for ${figure}; $stable, $version, $major and $minor are filled in. Off without it.`),
      expect: threshold
        .refine((written) => written.unit === unit, { error: `expected one that fits ${unit}, such as "${expect}"` })
        .prefault(expect)
        .describe('What is expected of it.'),
    },
    offBecause: ({ query }) => (query === undefined ? 'no query is configured' : undefined),
    looksAt: (_, { query }) => `${figure}, by ${query ?? 'no query'}`,
    expects: (_, settings) => thresholdText(settings.expect),
    async run(subject, settings) {
      const asked = await askPrometheus(subject, settings.query ?? '')
      if ('why' in asked) return block(`no number (${asked.why})`, 'Check the query and its source.')
      const found = valueText(settings.expect.unit, asked.value)
      return satisfies(settings.expect, asked.value) ? pass(found) : block(found, mend)
    },
  })
}
