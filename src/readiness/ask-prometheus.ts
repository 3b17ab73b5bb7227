import { SlipwayError } from '../errors.ts'
import { releaseQuery } from '../rollout/query.ts'
import type { Subject } from './subject.ts'
import { stableOf } from './tracks.ts'

/**
 * Asks Prometheus a query of the configuration for one fresh number, or why it answers none, also as the query is wrong. Throws `query-failed`
 * when it can't be asked, and when the cluster can't be read.
 */
export async function askPrometheus(
  subject: Subject,
  query: string,
): Promise<{ readonly value: number } | { readonly why: string }> {
  const { world, config, version } = subject
  const stable = query.includes('$stable') ? (await stableOf(subject)).track : 'blue'
  const sample = await world.metrics.query(releaseQuery(query, { stable, version }), config.release.staleAfter)
  if (!('missing' in sample)) return { value: sample.value }
  const { missing, detail, refused } = sample
  if (missing === 'failed' && refused === undefined) throw new SlipwayError('query-failed', { detail })
  return { why: `${missing}: ${detail}` }
}
