import type { State } from '../rollout/state.ts'
import type { ClusterView } from './ports.ts'

/** What differs from what Slipway wrote, in words; null when nothing does. An autoscaler's change of size is none. */
export function driftOf(state: State, view: ClusterView): string | null {
  const { parts } = state
  if (parts === undefined) return null
  const expected = expectedWeights(state)
  const found = view.route.weights[parts.canary]
  if (!expected.includes(found)) return `the canary gets ${found} %, expected ${expected.join(' or ')} %`
  const stable = view.tracks[parts.stable]
  if (stable.image !== parts.stableImage)
    return `${stable.deployment} has image ${stable.image}, expected ${parts.stableImage}`
  const canary = view.tracks[parts.canary]
  const images = state.phase === 0 ? [parts.canaryImage] : [state.spec.image]
  if (state.stage === 'shifting' && state.phase === 1) images.push(parts.canaryImage)
  if (!images.includes(canary.image))
    return `${canary.deployment} has image ${canary.image}, expected ${images.join(' or ')}`
  return null
}

/** While a shift is under way the weight may be the one before or the one after. */
function expectedWeights(state: State): number[] {
  const phase = state.spec.phases.find((p) => p.number === state.phase)
  return state.stage === 'shifting' && phase !== undefined ? [state.weight, phase.weight] : [state.weight]
}
