import type { RolloutSpec, Track } from '../rollout/plan.ts'
import { requestsQuery } from '../rollout/query.ts'
import type { Sample } from './ports.ts'
import type { World } from './world.ts'

/** Requests that a track got within the last `window` ms, by its own count. */
export async function requestsOf(
  world: Pick<World, 'metrics'>,
  spec: RolloutSpec,
  track: Track,
  window: number,
): Promise<Sample> {
  const query = requestsQuery(spec, track, window)
  if (query === null) return { missing: 'empty', detail: 'release.requestsQuery is not configured' }
  return world.metrics.query(query, spec.staleAfter)
}
