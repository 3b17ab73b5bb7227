import { SlipwayError } from '../errors.ts'
import type { World } from '../jobs/world.ts'
import type { Wish as Want } from '../rollout/commands.ts'
import { refuse } from '../rollout/refusal.ts'
import { isObserved, isOver, type State } from '../rollout/state.ts'
import { type Answer, type Desk, failed, refused as refusal } from './answer.ts'
import type { Wish } from './ask.ts'
import { actorOf } from './wish-actor.ts'

/** Locks the service, and tells it in the thread of what is under way, else in the channel. */
export async function lockAnswer({ world, tellLock }: Desk, wish: Wish, reason: string): Promise<Answer> {
  if (world.config.mode === 'observe') return observing('lock')
  const held = await world.locks.lock({ id: wish.id, by: actorOf(wish), at: wish.at, reason })
  if (held === 'unlocked-since') return refusal(refuse('said-before', { moment: 'unlocked' }).refusal)
  if (held.id !== wish.id) return refused('locked-already', { by: held.by.name, at: held.at, reason: held.reason })
  const told = await tellRollout(world, wish, { type: 'lock', reason })
  const text = 'Locked. Nothing starts or moves forward until `/deploy unlock`; watching and rollback go on.'
  if (told !== null) return { text: `${text}${onItsWay(told)}`, rollout: told.rollout }
  await tellLock({ id: wish.id, at: wish.at, lock: held })
  return { text }
}

/** Unlocks it; what was signed meanwhile starts. */
export async function unlockAnswer({ world, tellLock }: Desk, wish: Wish): Promise<Answer> {
  if (world.config.mode === 'observe') return observing('unlock')
  const was = await world.locks.unlock(wish.id, wish.at)
  if (was === 'locked-since') return refusal(refuse('said-before', { moment: 'locked' }).refusal)
  if (was === null) return refused('not-locked', {})
  const told = await tellRollout(world, wish, { type: 'unlock', was })
  const text = `Unlocked. It was locked by ${was.by.name}: ${was.reason}.`
  if (told !== null) return { text, rollout: told.rollout }
  await tellLock({ id: wish.id, at: wish.at, lock: was, liftedBy: actorOf(wish) })
  return { text }
}

/** Puts it into the ledger of the rollout that is under way, where there is one that it holds; returns how it stands. */
async function tellRollout(world: World, wish: Wish, want: Want): Promise<State | null> {
  const state = await world.rollouts.current()
  if (state === null || isObserved(state)) return null
  // An earlier try of this wish may have told the one that has ended since; one that was started since knows nothing of it.
  if ((isOver(state) || state.startedAt > wish.at) && !state.commands.has(wish.id)) return null
  const executed = await world.rollouts.execute(state.rollout, {
    ...want,
    id: wish.id,
    at: wish.at,
    by: actorOf(wish),
  })
  return executed.state ?? state
}

/** What a lock that comes between the last look at the gate and the write can't stop. */
function onItsWay({ stage, phase }: State): string {
  if (stage !== 'shifting') return ''
  return ` Phase ${phase} is starting: if its weight was being written at this very moment, that arrives within seconds.`
}

function observing(what: string): Answer {
  return refusal(refuse('observes-only', { what }).refusal)
}

function refused(
  ...[code, detail]: ConstructorParameters<typeof SlipwayError<'locked-already' | 'not-locked'>>
): Answer {
  return failed(new SlipwayError(code, detail))
}
