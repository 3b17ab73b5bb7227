import { z } from 'zod'
import { type Metric, type MetricOverride, type MissingOutcome, missingReasons } from '../rollout/plan.ts'
import { count, duration, name, oneOf, queryWindow, readingsInARow, share, threshold, words } from './fields.ts'
import type { MeasuredThreshold } from './notation.ts'

const outcome = oneOf(['hold', 'breach', 'ignore'])

/** Either one outcome for every reason or a map of reasons; a reason that isn't named holds. */
const missing = z
  .union([
    outcome,
    z.strictObject({
      empty: outcome.prefault('hold').describe('The query gave no series.'),
      'not-finite': outcome.prefault('hold').describe('The value is NaN or infinite, as 0/0 is.'),
      stale: outcome.prefault('hold').describe('The newest sample is older than staleAfter.'),
      'several-series': outcome.prefault('hold').describe('The query gave more than one series.'),
      failed: outcome
        .prefault('hold')
        .describe('Prometheus refused the query, did not answer, or warned that its answer may lack a part.'),
      'few-requests': outcome.prefault('hold').describe('Fewer requests than minRequests in the window.'),
    }),
  ])
  .transform((written): Metric['missing'] => (typeof written === 'string' ? forEveryReason(written) : written))

function forEveryReason(same: MissingOutcome): Metric['missing'] {
  return {
    empty: same,
    'not-finite': same,
    stale: same,
    'several-series': same,
    failed: same,
    'few-requests': same,
  }
}

/** The keys of `compare`, in the notation of the file. */
export const comparisonFields = {
  worse: oneOf(['higher', 'lower']).describe('Which way is worse.'),
  tolerance: share.prefault('10%').describe("The canary may be worse by this share of stable's value."),
  readings: count.prefault(10).describe('Fewest readings of each track, a window apart, before anything is said.'),
  significance: share
    .prefault('0.1%')
    .describe('How likely readings like these may at most be from a canary that is no worse.'),
  effect: share.prefault('75%').describe('In at least this share of pairs the canary must be the worse one.'),
  critical: z
    .boolean()
    .prefault(false)
    .describe('true: a canary that is worse is rolled back. false: its soak ends waiting for a decision.'),
}

/** What a phase may ask of a metric in its own way. */
export const overrideFields = {
  target: threshold.exactOptional().describe('What good looks like in this phase.'),
  limit: threshold.exactOptional().describe('What rolls back in this phase.'),
  confirm: readingsInARow.exactOptional().describe('How many readings in a row confirm the limit in this phase.'),
  minRequests: count.exactOptional().describe('Fewest requests worth judging in this phase.'),
  warmUp: duration.exactOptional().describe('How long it is not judged in this phase.'),
}

/** The keys of one metric, in the notation of the file. */
export const metricFields = {
  name: name.describe('Unique name, as people say it in commands.'),
  title: words.describe('Name for people.'),
  group: words.describe('Heading it is shown under.'),
  scope: oneOf(['canary', 'stable', 'service', 'compare']).describe(
    'What it is about. compare sets the canary against stable.',
  ),
  unit: oneOf(['ratio', 'milliseconds', 'per-second', 'count']).describe('Unit of the value that the query gives.'),
  query: words.describe(
    'PromQL that gives exactly one series; $canary, $stable and $window are filled in, with compare $track and $window.',
  ),
  window: queryWindow
    .prefault('60s')
    .describe('Fills in $window, never longer than the phase has run. phase: as long as the phase has run.'),
  target: threshold.exactOptional().describe('What good looks like; must hold at the end of a soak.'),
  limit: threshold.exactOptional().describe('Confirmed true, it rolls back.'),
  confirm: readingsInARow
    .prefault(3)
    .describe('How many readings in a row confirm the limit; a soak must hold so many.'),
  minRequests: count
    .exactOptional()
    .describe('Fewer requests to the canary than this in the window are too few to judge.'),
  warmUp: duration
    .exactOptional()
    .describe('In the first moments of a phase it is not judged, and no time counts, for so long.'),
  compare: z
    .strictObject(comparisonFields)
    .exactOptional()
    .describe('Sets the canary against stable by a rank test, in place of target and limit.'),
  missing: missing
    .prefault('hold')
    .describe(`What a missing number leads to: one word, or a map of ${missingReasons.join(', ')}.`),
}

const judged = ({ op, value, text }: MeasuredThreshold) => ({ op, value, text })

/** The unit that a threshold's notation implies is checked with the whole file, then dropped. */
function withoutUnits<T extends { readonly target?: MeasuredThreshold; readonly limit?: MeasuredThreshold }>(
  written: T,
) {
  const { target, limit, ...rest } = written
  return { ...rest, ...(target && { target: judged(target) }), ...(limit && { limit: judged(limit) }) }
}

/** One metric. */
export const metric = z.strictObject(metricFields).transform((written): Metric => withoutUnits(written))

/** What a phase asks of one metric. */
export const metricOverride = z
  .strictObject(overrideFields)
  .transform((written): MetricOverride => withoutUnits(written))
