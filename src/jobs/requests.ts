import type { RolloutSpec, Track } from '../rollout/plan.ts'
import { requestsQuery } from '../rollout/query.ts'
import type { Sample } from './ports.ts'
import type { World } from './world.ts'

/** Requests that a track got within the last `window` ms, by its own count. */
export function requestsOf(
  world: Pick<World, 'metrics'>,
  spec: RolloutSpec,
  track: Track,
  window: number,
): Promise<Sample> {
  return world.metrics.query(requestsQuery(spec, track, window), spec.staleAfter)
}
