import { isOver, type State } from '../rollout/state.ts'
import { isPassing, tell } from './failure.ts'
import { own } from './outcome.ts'
import type { World } from './world.ts'

/** A job of one rollout. Repeatable: run again after a crash, it does what is left. `last` is true at the last try. */
export type RolloutJob = (world: World, rollout: number, last: boolean) => Promise<void>

/**
 * A step forward (`prepare`, `shift`): runs only while the ledger waits for it; a failure that won't pass by itself,
 * or is still there at the last try, is told in the thread with a way to retry.
 */
export function step(name: 'prepare' | 'shift', run: (world: World, state: State) => Promise<void>): RolloutJob {
  return async (world, rollout, last) => {
    const state = await world.rollouts.load(rollout)
    if (state === null || !isWaitingFor(name, state)) return
    try {
      await run(world, state)
    } catch (error) {
      if (isPassing(error) && !last) throw error
      const outcome = { type: 'record-step-failed', step: name, phase: state.phase, ...tell(error) } as const
      await world.rollouts.execute(rollout, own(world, outcome))
      world.log.warn({ err: error, service: state.service, rollout, step: name }, 'a step failed; a person is asked')
    }
  }
}

/** Does the ledger still wait for this step? */
export function isWaitingFor(name: 'prepare' | 'shift', state: State): boolean {
  if (isOver(state) || state.rollback !== undefined || state.paused !== undefined || state.failure !== undefined)
    return false
  return state.stage === (name === 'prepare' ? 'preparing' : 'shifting')
}
