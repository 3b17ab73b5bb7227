import { isOver } from '../../../src/rollout/state.ts'
import { Broken } from './broken.ts'
import type { Rule } from './scene.ts'

const rule = 'comes-to-rest'

/** Once nothing goes wrong any more and people do their part, every rollout comes to its end and nothing is left lying. */
export const comesToRest: Rule = ({ outside: { witness, redis, scenario } }) => ({
  settled() {
    if (witness.ledgers.size < scenario.releases) throw new Broken(rule, 'a release was never started')
    for (const rollout of witness.ledgers.keys()) {
      const state = witness.stateOf(rollout)
      if (state === undefined || !isOver(state)) throw new Broken(rule, `rollout ${rollout} is still ${state?.stage}`)
    }
    if (redis.data.open.size > 0) throw new Broken(rule, `rollouts ${[...redis.data.open]} are still open`)
    const left = [...redis.data.jobs.keys()]
    if (left.length > 0) throw new Broken(rule, `jobs are left: ${left.join(', ')}`)
  },
})
