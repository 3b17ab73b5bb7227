import { isOver } from '../../src/rollout/state.ts'
import type { Outside } from './outside.ts'
import type { Scenario } from './scenario.ts'

/** What is still to be done to a service at rest, by hand or to Redis; the other faults need something to be under way. */
function lastAct({ handChanges, terminalAt, redisLosses }: Scenario): number {
  return Math.max(0, ...handChanges.map(({ to }) => to), ...terminalAt, ...redisLosses.map(({ at }) => at))
}

/** Has everything come to its end: nothing to be done any more, no job, no rollout with anything left to do, no autoscaler held back? */
export function isAtRest({ api, began, redis, scenario, timeline, witness }: Outside): boolean {
  if (redis.data.open.size > 0 || redis.data.jobs.size > 0 || timeline.now - began <= lastAct(scenario)) return false
  if (api.autoscaler('blue')?.pin !== null || api.autoscaler('green')?.pin !== null) return false
  const numbers = [...witness.ledgers.keys()]
  if (numbers.length < scenario.releases) return false
  return numbers.every((n) => {
    const state = witness.stateOf(n)
    return state !== undefined && isOver(state)
  })
}
