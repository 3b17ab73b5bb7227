import { SlipwayError } from '../errors.ts'
import { holdsService, isObserved } from '../rollout/state.ts'
import type { Emergency } from './emergency.ts'
import type { World } from './world.ts'

/** In the place of the emergency where Slipway only observes: without Redis it remembers nothing and takes nothing back. */
export const bystander: Emergency = {
  canTakeBack: false,
  remember: () => undefined,
  watch: async () => undefined,
  answer: async () => undefined,
  passed: async () => null,
  takeBack: async () => {
    throw new SlipwayError('observes-only', { what: 'roll back' })
  },
  sendAgain: async () => undefined,
  record: async () => undefined,
  settle: async () => undefined,
}

/**
 * A process that only observes could not roll back a release that Slipway drives. While one is under way it does not start.
 * @throws SlipwayError `config-mode`
 */
export async function refuseWhileDriving({ rollouts }: Pick<World, 'rollouts'>): Promise<void> {
  const current = await rollouts.current()
  if (current === null || !holdsService(current) || isObserved(current)) return
  throw new SlipwayError('config-mode', { version: current.spec.version, stage: current.stage })
}
