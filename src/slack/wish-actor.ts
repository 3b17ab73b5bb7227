import type { Actor } from '../rollout/events.ts'
import type { Wish } from './ask.ts'

/** Who wants something. A terminal proves nobody's identity. */
export function actorOf({ user, from }: Wish): Actor {
  return { ...user, via: from?.via === 'terminal' ? 'cli' : 'slack' }
}
