import type { Metrics } from '../jobs/ports.ts'
import type { Gate } from './few-at-once.ts'

/** Asks few queries at a time, and one that failed once more, as a check whose source did not answer; a number that is missing stays missing. */
export function patientMetrics(metrics: Metrics, gate: Gate): Metrics {
  return {
    async query(promql, staleAfter) {
      const ask = () => gate(() => metrics.query(promql, staleAfter))
      const sample = await ask()
      return 'missing' in sample && sample.missing === 'failed' ? ask() : sample
    },
  }
}
