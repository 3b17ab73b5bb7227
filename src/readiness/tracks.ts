import type { TrackView } from '../jobs/ports.ts'
import type { Subject } from './subject.ts'

/**
 * The track that is stable: the open rollout's where there is one, for its canary may have the greater share by then; otherwise the one that
 * has the traffic. Throws when the cluster can't be read.
 */
export async function stableOf({ cluster, stable }: Pick<Subject, 'cluster' | 'stable'>): Promise<TrackView> {
  const { route, tracks } = await cluster.view()
  const { blue, green } = route.weights
  return tracks[stable ?? (blue >= green ? 'blue' : 'green')]
}
