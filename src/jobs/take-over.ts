import { SlipwayError } from '../errors.ts'
import { tellsNoMore } from '../rollout/drift-text.ts'
import { otherImages } from '../rollout/image-ids.ts'
import { sizeIn } from '../rollout/size-in.ts'
import { orderOf, type Parts, phaseOf, type State, signedWeight, watchedPhase } from '../rollout/state.ts'
import { type Drift, driftFound, driftsOf, type OwnWeight } from './drift.ts'
import { isPassing, tell } from './failure.ts'
import { keptFromRising } from './kept-from-rising.ts'
import { own } from './outcome.ts'
import type { TrackView } from './ports.ts'
import { hasReady } from './ready-pods.ts'
import type { RolloutJob } from './step.ts'
import type { ActingWorld } from './world.ts'

/** A change of weights, images and sizes at once: more looks than these would find nothing new. */
const looks = 5

/** Time between two looks while pods start, in ms. */
const poll = 500

/** Writes Slipway's own again over somebody else's change. What won't pass by itself is told, and asked about again. */
export const takeOver: RolloutJob = async (world, rollout, last) => {
  const order = (await world.rollouts.load(rollout))?.drift?.takenOver
  if (order === undefined) return
  try {
    await writeOwn(world, rollout)
  } catch (error) {
    if (isPassing(error) && !last) throw error
    const { what, todo } = tell(error)
    await world.rollouts.execute(rollout, own(world, { type: 'record-take-over-failed', order, what, todo }))
    world.log.warn({ err: error, rollout }, 'taking over failed; a person is asked')
  }
}

/** What keeps a weight from rising to a new phase keeps it from rising back, too. */
async function refuseRise(world: ActingWorld, state: State, { imageIds }: TrackView, own: OwnWeight): Promise<void> {
  const { found: from, weight: to } = own
  // A weight that was accepted where it stood, after the record was lost, is nobody's to write.
  if (to > signedWeight(state)) throw new SlipwayError('rise-unsigned', { from, to })
  const { signedIds } = state
  const isSigned = signedIds === undefined || otherImages(imageIds, signedIds).length === 0
  const by = isSigned ? await keptFromRising(world, state, from) : 'pods of another image than was signed for'
  if (by !== null) throw new SlipwayError('rise-held', { from, to, by })
}

/** Has the canary as many ready pods as its weight was signed with? While the next phase shifts, those of the one before. */
function isReady(state: State, parts: Parts, canary: TrackView): boolean {
  const phase = phaseOf(state, watchedPhase(state).phase)
  return phase !== undefined && hasReady(canary, sizeIn(state, parts, phase))
}

/** One thing after the other, until nothing is left. */
async function writeOwn(world: ActingWorld, rollout: number): Promise<void> {
  const began = world.clock.now()
  for (let look = 0; look < looks; ) {
    const done = await writeNext(world, rollout, began)
    if (done === 'all') return
    if (done === 'none') await world.clock.wait(poll)
    else look += 1
  }
  throw new Error('somebody else writes again and again')
}

/** Writes what comes next. `all`: nothing is left, or somebody has to decide about it; `none`: pods are not ready yet. */
async function writeNext(world: ActingWorld, rollout: number, began: number): Promise<'all' | 'some' | 'none'> {
  const at = world.clock.now()
  const before = await world.rollouts.load(rollout)
  const view = await world.cluster.view()
  const state = await world.rollouts.load(rollout)
  const { drift: decided, parts } = state ?? {}
  if (state === null || parts === undefined || state.rollback !== undefined || decided?.takenOver === undefined)
    return 'all'
  // A look from before this change says nothing of it.
  if (before?.version !== state.version) return 'some'
  const drifts = driftsOf(state, view)
  const found = driftFound(drifts)
  const drift = nextOf(drifts, parts)
  if (found === null || drift === undefined) {
    await world.rollouts.execute(rollout, own(world, { type: 'record-no-drift', since: decided.at }))
    return 'all'
  }
  const isRise = rises(drift)
  // Nobody has decided about these pods yet: they may serve. Nor about this weight: it may be somebody's own way of taking the traffic back.
  if (drift.larger !== undefined || (isRise && !tellsNoMore(drift.what, decided.what))) {
    await world.rollouts.execute(rollout, own(world, found))
    return 'all'
  }
  const again = orderOf(state, decided.takenOver)
  if (!('weight' in drift.own)) {
    await world.cluster.size(drift.own.track, { ...drift.own, atLeast: true }, again)
    return 'some'
  }
  const { weight, found: from } = drift.own
  if (isRise) {
    const canary = view.tracks[parts.canary]
    await refuseRise(world, state, canary, drift.own)
    if (!isReady(state, parts, canary)) {
      if (at - began < state.spec.readyWithin) return 'none'
      throw new SlipwayError('rise-held', { from, to: weight, by: 'pods that are not ready' })
    }
  }
  // A process that stands still after this must not write what somebody has changed once more.
  const until = at + 2 * world.config.cluster.timeout
  await world.cluster.shift(parts.canary, weight, from, { ...again, until })
  return 'some'
}

const rises = ({ own }: Drift) => 'weight' in own && own.weight > own.found

/** The weight first, unless it rises: more traffic goes only to a canary that is what was signed for. */
function nextOf(drifts: readonly Drift[], { canary }: Parts): Drift | undefined {
  const [first] = drifts
  const held = drifts.find(({ own }) => 'track' in own && own.track === canary)
  return first !== undefined && rises(first) ? (held ?? first) : first
}
