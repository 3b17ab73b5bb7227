import type { Metrics } from '../jobs/ports.ts'

/** Asks a query that failed once more, as a check whose source did not answer; a number that is missing stays missing. */
export function askedTwice(metrics: Metrics): Metrics {
  return {
    async query(promql, staleAfter) {
      const sample = await metrics.query(promql, staleAfter)
      const failed = 'missing' in sample && sample.missing === 'failed'
      return failed ? metrics.query(promql, staleAfter) : sample
    },
  }
}
