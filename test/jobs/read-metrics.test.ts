import { expect, test } from 'vitest'
import type { Sample } from '../../src/jobs/ports.ts'
import { type Reading, readMetric } from '../../src/jobs/read-metrics.ts'
import type { Metric } from '../../src/rollout/plan.ts'
import { spec } from '../rollout/drive.ts'

const [plain] = spec.metrics
if (plain === undefined) throw new Error('no metric')
const besideStable: Metric = {
  ...plain,
  scope: 'compare',
  query: 'q{track="$track"}',
  compare: { worse: 'higher', tolerance: 0.1, readings: 10, significance: 0.001, effect: 0.75, critical: true },
}
const reading: Reading = { spec, phase: 1, canary: 'green', stable: 'blue', weight: 5, ran: spec.staleAfter }

test.each([
  ['the canary', 'green', ''],
  ['stable', 'blue', 'stable: '],
])('a comparison whose query about %s is refused says so', async (_, track, before) => {
  const query = async (promql: string): Promise<Sample> =>
    promql.includes(track) ? { missing: 'failed', detail: 'bad_data', refused: true } : { value: 9_000, at: 1 }
  expect(await readMetric({ metrics: { query } }, reading, besideStable)).toEqual({
    missing: 'failed',
    detail: `${before}bad_data`,
    refused: true,
  })
})
