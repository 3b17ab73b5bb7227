import { Broken } from './broken.ts'
import type { Rule } from './scene.ts'

/** Rule 5: a track is scaled down only when it gets no requests, unless a person said to do it all the same. */
export const podsLeaveLast: Rule = ({ outside: { witness, flow, redis } }) => ({
  sized(manager, track, before, after) {
    if (manager !== 'slipway' || after.replicas >= before.replicas) return
    const ordered = witness.everAppended(redis.data.latest).some((e) => e.type === 'clean-up-ordered')
    const share = flow.share(track)
    if (share > 0 && !ordered)
      throw new Broken(
        'pods-leave-last',
        `${track} is scaled to ${after.replicas} while it gets ${share * 100} % of the requests`,
      )
  },
})
