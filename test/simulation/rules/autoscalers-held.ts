import { isOver } from '../../../src/rollout/state.ts'
import { ownMinimum } from '../cluster/api.ts'
import { Broken } from './broken.ts'
import type { Rule } from './scene.ts'

const rule = 'autoscalers-held'

/** Rule 1: while the canary has traffic no autoscaler may take stable's pods; once all is over, each has its own minimum back. */
export const autoscalersHeld: Rule = ({ outside: { witness, redis, api } }) => {
  return {
    stepped() {
      const state = witness.stateOf(redis.data.latest)
      const parts = state?.parts
      if (state === undefined || parts === undefined || isOver(state)) return
      // The end was lost with Redis: what was given back by it is not taken again for a rollout that is held.
      if (witness.wasRewound()) return
      if (api.route.mark?.closed || api.route.weights[parts.canary] === 0) return
      const { minimum = 0 } = api.autoscaler(parts.stable) ?? {}
      if (minimum < Math.min(parts.stableSize, 20))
        throw new Broken(rule, `stable's autoscaler may go down to ${minimum} of ${parts.stableSize} pods`)
    },
    settled() {
      const waits = (rollout: number) => ['held', 'failed'].includes(witness.stateOf(rollout)?.cleanUp ?? 'none')
      if ([...redis.data.open].some(waits)) return
      for (const track of ['blue', 'green'] as const) {
        const found = api.autoscaler(track)
        if (found?.pin !== null || found.minimum !== ownMinimum)
          throw new Broken(rule, `the autoscaler of ${track} was left with a minimum of ${found?.minimum}`)
      }
    },
  }
}
