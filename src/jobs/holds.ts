import { frozenAt } from '../rollout/freeze.ts'
import type { Holds } from '../rollout/hold.ts'
import type { World } from './world.ts'

/** What holds the service at a moment (ms since 1970): a freeze of the configuration, and somebody's lock. */
export async function holdsAt({ config, locks }: Pick<World, 'config' | 'locks'>, at: number): Promise<Holds> {
  const freeze = frozenAt(config.freezes, at)
  const lock = await locks.present()
  return { ...(freeze !== null && { freeze }), ...(lock !== null && { lock }) }
}
