import { Broken } from './broken.ts'
import { createExposure } from './exposure.ts'
import type { Rule } from './scene.ts'

/** A job's longest pause between tries, a stalled worker's time, stable scaled first, and calls that fail, in ms. */
const bound = 60_000

/** Rule 1: a rollback that was ordered is carried out. */
export const rollbackDone: Rule = (scene) => {
  const { witness, redis, api } = scene.outside
  const exposure = createExposure(scene)
  return {
    stepped() {
      const state = witness.stateOf(redis.data.latest)
      const canary = state?.parts?.canary
      const open = state?.rollback !== undefined && canary !== undefined && api.route.weights[canary] > 0
      const restored = state?.rollback?.restoredAt !== undefined
      if (exposure.pass(open && !restored) > bound)
        throw new Broken(
          'rollback-done',
          `ordered ${Math.round(exposure.total / 1_000)} s ago, and the canary still gets ${canary && api.route.weights[canary]} %`,
        )
    },
  }
}
