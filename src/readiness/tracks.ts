import type { ClusterView, TrackView } from '../jobs/ports.ts'

/** The track that has the traffic: the one with the greater share. */
export function stableOf(view: ClusterView): TrackView {
  const { blue, green } = view.route.weights
  return view.tracks[blue >= green ? 'blue' : 'green']
}
