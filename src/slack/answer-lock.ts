import { refusalText, SlipwayError } from '../errors.ts'
import type { World } from '../jobs/world.ts'
import type { Wish as Want } from '../rollout/commands.ts'
import { refuse } from '../rollout/refusal.ts'
import { isObserved, isOver } from '../rollout/state.ts'
import type { Answer, Desk } from './answer.ts'
import type { Wish } from './ask.ts'
import { actorOf } from './wish-actor.ts'

/** Locks the service, and tells it in the thread of what is under way, else in the channel. */
export async function lockAnswer({ world, tellLock }: Desk, wish: Wish, reason: string): Promise<Answer> {
  if (world.config.mode === 'observe') return observing('lock')
  const held = await world.locks.lock({ id: wish.id, by: actorOf(wish), at: wish.at, reason })
  if (held.id !== wish.id) return refused('locked-already', { by: held.by.name, at: held.at, reason: held.reason })
  const rollout = await tellRollout(world, wish, { type: 'lock', reason })
  if (rollout === null) await tellLock({ id: wish.id, at: wish.at, lock: held })
  const text = 'Locked. Nothing starts or moves forward until `/deploy unlock`; watching and rollback go on.'
  return { text, ...(rollout !== null && { rollout }) }
}

/** Unlocks it; what was signed meanwhile starts. */
export async function unlockAnswer({ world, tellLock }: Desk, wish: Wish): Promise<Answer> {
  if (world.config.mode === 'observe') return observing('unlock')
  const was = await world.locks.unlock(wish.id)
  if (was === null) return refused('not-locked', {})
  const rollout = await tellRollout(world, wish, { type: 'unlock', was })
  if (rollout === null) await tellLock({ id: wish.id, at: wish.at, lock: was, liftedBy: actorOf(wish) })
  return { text: `Unlocked. It was locked by ${was.by.name}: ${was.reason}.`, ...(rollout !== null && { rollout }) }
}

/** Puts it into the ledger of the rollout that is under way, where there is one that it holds; returns its number. */
async function tellRollout(world: World, wish: Wish, want: Want): Promise<number | null> {
  const state = await world.rollouts.current()
  if (state === null || isObserved(state)) return null
  // An earlier try of this wish may have told the one that has ended since.
  if (isOver(state) && !state.commands.has(wish.id)) return null
  await world.rollouts.execute(state.rollout, { ...want, id: wish.id, at: wish.at, by: actorOf(wish) })
  return state.rollout
}

function observing(what: string): Answer {
  const { refusal } = refuse('observes-only', { what })
  return { text: refusalText(refusal), refused: refusal.code }
}

function refused(
  ...[code, detail]: ConstructorParameters<typeof SlipwayError<'locked-already' | 'not-locked'>>
): Answer {
  const { message, todo } = new SlipwayError(code, detail)
  return { text: `${message} ${todo}`, refused: code }
}
