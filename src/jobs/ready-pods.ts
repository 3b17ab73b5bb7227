import type { TrackView } from './ports.ts'

/**
 * Has a track so many ready pods, and none of another image that serves beside them? Nobody has signed for those, and where there were more of
 * them than are wanted now they go one by one.
 */
export function hasReady({ ready, oldReady }: TrackView, pods: number): boolean {
  return ready >= pods && oldReady === 0
}
