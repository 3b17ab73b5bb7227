import type { Fence } from './ports.ts'

/** The fence to write under what this very rollout may have written last: that which was found there, where it is the newer one. */
export function lastFence(ours: Fence, found: Fence | null): Fence {
  return found?.rollout === ours.rollout && found.version > ours.version ? found : ours
}
