import { Broken } from './broken.ts'
import type { Rule } from './scene.ts'

/** Rule 5: a track is scaled down only when it gets no requests, unless a person said to do it all the same. */
/** As in weights-first: what somebody does to the route between a look and a write is not seen. */
const underWay = 15_000

export const podsLeaveLast: Rule = ({ outside: { witness, flow, redis, timeline } }) => {
  let byHand = Number.NEGATIVE_INFINITY
  return {
    routeWritten(manager) {
      if (manager !== 'slipway') byHand = timeline.now
    },
    sized(manager, track, before, after) {
      if (manager !== 'slipway' || after.replicas >= before.replicas || timeline.now - byHand < underWay) return
      const ordered = witness.everAppended(redis.data.latest).some((e) => e.type === 'clean-up-ordered')
      const share = flow.share(track)
      if (share > 0 && !ordered)
        throw new Broken(
          'pods-leave-last',
          `${track} is scaled to ${after.replicas} while it gets ${share * 100} % of the requests`,
        )
    },
  }
}
