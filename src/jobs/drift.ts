import type { Outcome } from '../rollout/commands.ts'
import { driftText } from '../rollout/drift-text.ts'
import type { Track } from '../rollout/plan.ts'
import { canarySize } from '../rollout/plan.ts'
import { sizeIn } from '../rollout/size-in.ts'
import { type Parts, phaseOf, type State } from '../rollout/state.ts'
import type { ClusterView, TrackView } from './ports.ts'

/** The canary's weight as Slipway had written it, and as it was found, in percent. */
export interface OwnWeight {
  readonly weight: number
  readonly found: number
}

/** Something that is not as Slipway wrote it, and the field manager that wrote it last. */
export interface Drift {
  readonly what: string
  readonly manager: string
  readonly larger?: { readonly track: Track; readonly replicas: number }
  /** What Slipway had written: either the canary's weight, or a track's image and size. */
  readonly own: OwnWeight | { readonly track: Track; readonly image: string; readonly replicas: number }
}

/** The API server's own controllers: an autoscaler's change of size is no drift. K3s and MicroK8s run them under their own names. */
const autoscalers = ['kube-controller-manager', 'horizontal-pod-autoscaler', 'k3s', 'kubelite']

/** Everything that differs from what Slipway wrote: the weight, then stable, then the canary. */
export function driftsOf(state: State, view: ClusterView): readonly Drift[] {
  const { parts } = state
  if (parts === undefined) return []
  const { route, tracks } = view
  const expected = expectedWeights(state)
  const found = route.weights[parts.canary]
  const what = `the canary gets ${found} %, expected ${expected.join(' or ')} %`
  const weight = { what, manager: route.lastManager ?? 'unknown', own: { weight: state.weight, found } }
  const stable = { images: [parts.stableImage], sizes: wasLost(state) ? [] : [parts.stableSize] }
  const kept = state.keptSizes
  return [
    ...(expected.includes(found) ? [] : [weight]),
    ...trackDrifts(tracks[parts.stable], stable, kept[parts.stable]),
    ...trackDrifts(tracks[parts.canary], expectedCanary(state, parts, tracks[parts.stable]), kept[parts.canary]),
  ]
}

/** All of it as one, as the ledger is told and people decide about it; null when nothing differs. */
export function driftFound(drifts: readonly Drift[]): Extract<Outcome, { type: 'record-drift' }> | null {
  if (drifts.length === 0) return null
  const larger = drifts.find((drift) => drift.larger !== undefined)?.larger
  const weight = drifts.flatMap(({ own }) => ('found' in own ? [own.found] : [])).at(0)
  return {
    type: 'record-drift',
    what: driftText(drifts.map(({ what }) => what)),
    manager: [...new Set(drifts.map(({ manager }) => manager))].join(', '),
    ...(larger && { larger }),
    ...(weight !== undefined && { weight }),
  }
}

interface Expected {
  readonly images: readonly string[]
  /** Empty where no size was ever written. */
  readonly sizes: readonly number[]
  /** Where what was ordered is not on record yet: it is more than the first of them, and at most this. */
  readonly most?: number
}

/** Its image is one matter and its size another: an autoscaler may have made it larger. */
function trackDrifts(track: TrackView, { images, sizes, most }: Expected, kept: number | undefined): readonly Drift[] {
  const { deployment, image, replicas } = track
  const own = { track: track.track, image: images[0] ?? image, replicas }
  const manager = track.lastManager ?? 'unknown'
  const what = `${deployment} has image ${image}, expected ${images.join(' or ')}`
  const changed = images.includes(image) ? [] : [{ what, manager, own }]
  const sized = track.sizedBy ?? 'unknown'
  const [first = replicas] = sizes
  const isOrdered = sizes.includes(replicas) || (replicas > first && replicas <= (most ?? first))
  if (sizes.length === 0 || isOrdered || replicas === kept || autoscalers.includes(sized)) return changed
  const size = `${deployment} has size ${replicas}, expected ${sizes.join(' or ')}`
  const larger = replicas > Math.max(...sizes) ? { larger: { track: track.track, replicas } } : {}
  return [...changed, { what: size, manager: sized, own: { ...own, replicas: first }, ...larger }]
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
function expectedCanary(state: State, parts: Parts, stable: TrackView): Expected {
  const sizeOf = (number: number) => {
    const phase = phaseOf(state, number)
    return phase === undefined ? [] : [sizeIn(state, parts, phase)]
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
  if (state.phase === 1 && state.canaryReadyPhase < 1) return { images, sizes: [] }
  const sizes = [...sizeOf(state.phase), ...sizeOf(state.phase - 1)]
  const phase = phaseOf(state, state.phase)
  if (phase === undefined || state.canaryReadyPhase === state.phase) return { images, sizes }
  // It was ordered by the size that stable had then, which its autoscaler only makes larger.
  return { images, sizes, most: canarySize(phase, Math.max(parts.stableSize, stable.replicas), state.spec.headroom) }
}
