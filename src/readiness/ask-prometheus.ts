import { releaseQuery } from '../rollout/query.ts'
import type { Subject } from './subject.ts'
import { stableOf } from './tracks.ts'

/** Asks Prometheus a query of the configuration for one fresh number, or why there is none. Throws when the cluster can't be read. */
export async function askPrometheus(
  subject: Subject,
  query: string,
): Promise<{ readonly value: number } | { readonly why: string }> {
  const { world, config, version } = subject
  const stable = query.includes('$stable') ? (await stableOf(subject)).track : 'blue'
  const sample = await world.metrics.query(releaseQuery(query, { stable, version }), config.release.staleAfter)
  return 'missing' in sample ? { why: `${sample.missing}: ${sample.detail}` } : { value: sample.value }
}
