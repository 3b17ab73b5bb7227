import type { Metrics, Sample } from '../../../src/jobs/ports.ts'
import type { SimulatedProcess } from '../process.ts'
import type { Service } from '../service.ts'
import type { Witness } from '../witness.ts'

class Unanswered extends Error {}

/** Prometheus as one process asks it: what the service model says, unless the call goes wrong. Never throws. */
export function createMetrics(process: SimulatedProcess, service: Service, witness: Witness): Metrics {
  return {
    async query(promql) {
      const asked = process.clock.now()
      const sample = await process
        .call<Sample>({
          system: 'prometheus',
          name: promql,
          act: () => service.answer(promql),
          failed: () => new Unanswered(),
        })
        .catch((error: unknown): Sample => {
          if (error instanceof Unanswered) return { missing: 'failed', detail: 'no answer' }
          throw error
        })
      witness.answered(process.name, asked, promql, sample)
      return sample
    },
  }
}
