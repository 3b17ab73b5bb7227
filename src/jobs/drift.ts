import type { Track } from '../rollout/plan.ts'
import { canarySize } from '../rollout/plan.ts'
import { type Parts, phaseOf, type State } from '../rollout/state.ts'
import type { ClusterView, TrackView } from './ports.ts'

/** Something that is not as Slipway wrote it, and the field manager that wrote it last. */
export interface Drift {
  readonly what: string
  readonly manager: string
  readonly larger?: { readonly track: Track; readonly replicas: number }
  /** What Slipway had written: either the canary's weight in percent, or a track's image and size. */
  readonly own:
    | { readonly weight: number; readonly found: number }
    | { readonly track: Track; readonly image: string; readonly replicas: number }
}

/** The API server's own controllers: an autoscaler's change of size is no drift. */
const autoscalers = ['kube-controller-manager', 'horizontal-pod-autoscaler']

/** The first thing that differs from what Slipway wrote; null when nothing does. */
export function driftOf(state: State, view: ClusterView): Drift | null {
  const { parts } = state
  if (parts === undefined) return null
  const { route, tracks } = view
  const expected = expectedWeights(state)
  const found = route.weights[parts.canary]
  if (!expected.includes(found)) {
    const what = `the canary gets ${found} %, expected ${expected.join(' or ')} %`
    return { what, manager: route.lastManager ?? 'unknown', own: { weight: state.weight, found } }
  }
  const stable = { images: [parts.stableImage], sizes: wasLost(state) ? [] : [parts.stableSize] }
  const kept = state.keptSizes
  return (
    trackDrift(tracks[parts.stable], stable, kept[parts.stable]) ??
    trackDrift(tracks[parts.canary], expectedCanary(state, parts), kept[parts.canary])
  )
}

interface Expected {
  readonly images: readonly string[]
  /** Empty where no size was ever written. */
  readonly sizes: readonly number[]
}

function trackDrift(track: TrackView, { images, sizes }: Expected, kept: number | undefined): Drift | null {
  const { deployment, image, replicas } = track
  const own = { track: track.track, image: images[0] ?? image, replicas }
  const manager = track.lastManager ?? 'unknown'
  // Its size is another matter: an autoscaler may have made it larger.
  if (!images.includes(image))
    return { what: `${deployment} has image ${image}, expected ${images.join(' or ')}`, manager, own }
  const sized = track.sizedBy ?? 'unknown'
  if (sizes.length === 0 || sizes.includes(replicas) || replicas === kept || autoscalers.includes(sized)) return null
  const what = `${deployment} has size ${replicas}, expected ${sizes.join(' or ')}`
  const larger = replicas > Math.max(...sizes) ? { larger: { track: track.track, replicas } } : {}
  return { what, manager: sized, own: { ...own, replicas: sizes[0] ?? replicas }, ...larger }
}

/** While a shift is under way the weight may be the one before or the one after. */
function expectedWeights(state: State): number[] {
  const phase = phaseOf(state, state.phase)
  return state.stage === 'shifting' && phase !== undefined ? [state.weight, phase.weight] : [state.weight]
}

/** What was written after the record broke off is not known, also when a person has accepted it since: sizes are taken as they are. */
function wasLost({ fenceFloor }: State): boolean {
  return fenceFloor > 0
}

/** While a shift is under way the canary may have the image and size before it or after it; the newer ones come first. */
function expectedCanary(state: State, parts: Parts): Expected {
  const sizeOf = (number: number) => {
    const phase = phaseOf(state, number)
    return phase === undefined ? [] : [canarySize(phase, parts.stableSize, state.spec.headroom)]
  }
  if (wasLost(state)) {
    const { image } = state.spec
    return { images: state.weight > 0 ? [image] : [image, parts.canaryImage], sizes: [] }
  }
  if (state.phase === 0) return { images: [parts.canaryImage], sizes: [] }
  const starting = state.stage === 'shifting' && state.phase === 1
  const images = starting ? [state.spec.image, parts.canaryImage] : [state.spec.image]
  if (state.stage !== 'shifting') return { images, sizes: sizeOf(state.phase) }
  // Before its first phase nobody knows what size the canary had.
  return {
    images,
    sizes: state.phase === 1 && state.canaryReadyPhase < 1 ? [] : [...sizeOf(state.phase), ...sizeOf(state.phase - 1)],
  }
}
