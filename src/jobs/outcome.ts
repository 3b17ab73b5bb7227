import type { CommandHead, Outcome } from '../rollout/commands.ts'
import { slipway } from '../rollout/decide-rollback.ts'
import type { World } from './world.ts'

/** An outcome as a command of Slipway's own, with the time and an id from outside. */
export function own<T extends Outcome>(world: Pick<World, 'clock' | 'newId'>, outcome: T): T & CommandHead {
  return { ...outcome, id: world.newId(), at: world.clock.now(), by: slipway }
}
