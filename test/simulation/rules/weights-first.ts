import { Broken } from './broken.ts'
import type { Rule } from './scene.ts'

/**
 * Between a look at the route and the write to a Deployment, in ms: two objects can't be tested in one write, so what
 * somebody else does to the route meanwhile is not seen.
 */
const underWay = 15_000

/** Rule 1: weights, read back, then clean up. No track is made smaller by Slipway while the route still names a share for it. */
export const weightsFirst: Rule = ({ outside: { api, timeline } }) => {
  let byHand = Number.NEGATIVE_INFINITY
  return {
    routeWritten(manager) {
      if (manager !== 'slipway') byHand = timeline.now
    },
    sized(manager, track, before, after) {
      if (manager !== 'slipway' || after.replicas >= before.replicas || timeline.now - byHand < underWay) return
      const weight = api.route.weights[track]
      if (weight > 0)
        throw new Broken('weights-first', `${track} is scaled to ${after.replicas} while its weight is ${weight} %`)
    },
  }
}
