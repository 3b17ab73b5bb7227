import { isOver } from '../../../src/rollout/state.ts'
import { config } from '../spec.ts'
import { Broken } from './broken.ts'
import { createExposure } from './exposure.ts'
import type { Rule } from './scene.ts'

const { interval, metrics } = config.release
const confirm = Math.max(...metrics.map((m) => m.confirm))

/**
 * Time within which a limit that stays broken must have led to weights back, in ms of undisturbed watching: readings that
 * confirm it, two looks that something else has spoilt, a process that must notice that Redis is away, stable scaled first.
 */
const bound = confirm * interval + 3 * interval + 20_000

/** Rules 1 and 3: a breach that lasts takes the traffic back, also without Redis, Slack or PagerDuty. */
export const breachRollsBack: Rule = (scene) => {
  const { service, witness, redis, api, timeline, flow } = scene.outside
  const exposure = createExposure(scene)
  return {
    answered: (...seen) => exposure.answered(...seen),
    stepped() {
      const state = witness.stateOf(redis.data.latest)
      const canary = state?.parts?.canary
      const lies =
        state !== undefined &&
        canary !== undefined &&
        !isOver(state) &&
        state.weight > 0 &&
        api.route.weights[canary] > 0
      const broken = lies && flow.share(canary) > 0 && service.isBroken(canary)
      if (exposure.pass(broken) > bound)
        throw new Broken(
          'breach-rolls-back',
          `a limit has been broken for ${Math.round(exposure.total / 1_000)} s of watching, and the canary still gets traffic (${timeline.now})`,
        )
    },
  }
}
