import { isOver, type State } from '../rollout/state.ts'
import { lookForEvidence } from './evidence.ts'
import { isPassing, logOf, tell } from './failure.ts'
import { own } from './outcome.ts'
import type { ActingWorld, World } from './world.ts'

/** A job of one rollout. Repeatable: run again after a crash, it does what is left. `last` is true at the last try. */
export type RolloutJob = (world: ActingWorld, rollout: number, last: boolean) => Promise<void>

/**
 * A step forward (`prepare`, `shift`): runs only while the ledger waits for it; a failure that won't pass by itself,
 * or is still there at the last try, is told in the thread with a way to retry. A fence that stops it is no failure where it
 * shows that the rollout is over, held or under a newer order.
 */
export function step(name: 'prepare' | 'shift', run: (world: ActingWorld, state: State) => Promise<void>): RolloutJob {
  return async (world, rollout, last) => {
    const state = await world.rollouts.load(rollout)
    if (state === null || !isWaitingFor(name, state)) return
    try {
      await run(world, state)
    } catch (error) {
      if (isPassing(error) && !last) throw error
      if (await isOvertaken(world, name, state, tell(error).code)) return
      const log = logOf(error)
      const failed = { type: 'record-step-failed', step: name, phase: state.phase, ...tell(error) } as const
      const outcome = log.length === 0 ? failed : { ...failed, log }
      await world.rollouts.execute(rollout, own(world, outcome))
      world.log.warn({ err: error, service: state.service, rollout, step: name }, 'a step failed; a person is asked')
    }
  }
}

/** Does the fence that stopped a step say that nobody waits for it any more? */
async function isOvertaken(world: World, name: 'prepare' | 'shift', state: State, code: string): Promise<boolean> {
  // Somebody has taken the traffic back: the watch finds the closed mark, too, and ends the rollout.
  if (code === 'fence-closed') return true
  if (code !== 'newer-fence' && code !== 'fence-unknown') return false
  // A newer rollout, or a part of the record that Redis has lost. Where the ledger goes on waiting it proves neither.
  await lookForEvidence(world, true)
  const now = await world.rollouts.load(state.rollout)
  return now === null || !isWaitingFor(name, now) || now.phaseVersion !== state.phaseVersion
}

/** Does the ledger still wait for this step? */
export function isWaitingFor(name: 'prepare' | 'shift', state: State): boolean {
  if (isOver(state) || state.rollback !== undefined || state.paused !== undefined || state.failure !== undefined)
    return false
  return state.stage === (name === 'prepare' ? 'preparing' : 'shifting')
}
