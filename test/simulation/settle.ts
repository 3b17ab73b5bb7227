import { isOver } from '../../src/rollout/state.ts'
import type { Outside } from './outside.ts'

/** Has everything come to its end: no faults, no job, no rollout with anything left to do, no autoscaler held back? */
export function isAtRest({ api, faults, redis, scenario, witness }: Outside): boolean {
  if (!faults.isOver() || redis.data.open.size > 0 || redis.data.jobs.size > 0) return false
  if (api.autoscaler('blue')?.pin !== null || api.autoscaler('green')?.pin !== null) return false
  const numbers = [...witness.ledgers.keys()]
  if (numbers.length < scenario.releases) return false
  return numbers.every((n) => {
    const state = witness.stateOf(n)
    return state !== undefined && isOver(state)
  })
}
