import { Broken } from './broken.ts'
import type { Rule } from './scene.ts'

/** Rule 1: stable keeps its starting size from the start to the end of the window, so that a rollback needs no pods first. */
export const stableKeepsSize: Rule = ({ outside: { witness, redis } }) => ({
  sized(manager, track, before, after) {
    const state = witness.stateOf(redis.data.latest)
    if (manager !== 'slipway' || state?.parts === undefined || state.stage === 'complete') return
    const { stable, stableSize } = state.parts
    if (track === stable && after.replicas < before.replicas && after.replicas < stableSize)
      throw new Broken(
        'stable-keeps-size',
        `stable is scaled to ${after.replicas} of ${stableSize} in stage ${state.stage}`,
      )
  },
})
