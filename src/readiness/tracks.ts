import type { TrackView } from '../jobs/ports.ts'
import type { Subject } from './subject.ts'

/**
 * The track that is stable: the open rollout's where there is one, for its canary may have the greater share by then; otherwise the one that
 * has the traffic. Throws when the cluster can't be read.
 */
export async function stableOf({ cluster, stable }: Pick<Subject, 'cluster' | 'stable'>): Promise<TrackView> {
  return stable === undefined ? busierOf({ cluster }) : (await cluster.view()).tracks[stable]
}

/** The track that has the greater weight, whichever is stable. Throws when the cluster can't be read. */
export async function busierOf({ cluster }: Pick<Subject, 'cluster'>): Promise<TrackView> {
  const { route, tracks } = await cluster.view()
  return tracks[route.weights.blue >= route.weights.green ? 'blue' : 'green']
}
