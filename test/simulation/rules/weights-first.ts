import { Broken } from './broken.ts'
import type { Rule } from './scene.ts'

/** Rule 1: weights, read back, then clean up. No track is made smaller by Slipway while the route still names a share for it. */
export const weightsFirst: Rule = ({ outside: { api } }) => ({
  sized(manager, track, before, after) {
    if (manager !== 'slipway' || after.replicas >= before.replicas) return
    const weight = api.route.weights[track]
    if (weight > 0)
      throw new Broken('weights-first', `${track} is scaled to ${after.replicas} while its weight is ${weight} %`)
  },
})
