import { holdsService } from '../rollout/state.ts'
import type { ActingWorld } from './world.ts'

/**
 * While no rollout is on, no autoscaler is held back: gives those their minimum back that a rollout left pinned which never came to
 * its clean-up (it was taken back before its first phase, Redis lost it, a process died between two writes).
 */
export async function tidyAutoscalers({ cluster, rollouts, log }: ActingWorld): Promise<void> {
  // The mark first: a rollout that starts from here on has a newer fence, which is left alone.
  const { mark, weights } = (await cluster.view()).route
  if (mark === null || mark.service !== rollouts.service) return
  const current = await rollouts.current()
  if (current !== null && holdsService(current)) return
  // Redis has lost this one: it is found by its traffic in a moment, and needs stable at its size.
  if ((current?.rollout ?? 0) < mark.rollout && !mark.closed && weights[mark.canary] > 0) return
  const names = await cluster.unpin(mark)
  if (names.length > 0) log.info({ rollout: mark.rollout, autoscalers: names }, 'autoscalers have their minimum back')
}
