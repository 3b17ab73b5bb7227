import { frozenSpec } from '../config/frozen-spec.ts'
import type { Found } from '../rollout/commands.ts'
import { isUnknown } from '../rollout/decide-lost.ts'
import type { RolloutSpec } from '../rollout/plan.ts'
import { loadIfReadable } from './load-if-readable.ts'
import { own } from './outcome.ts'
import type { AutoscalerView, ClusterView, Fence, Mark } from './ports.ts'
import type { World } from './world.ts'

/**
 * Compares the mark on the cluster with the ledger: when Redis came back empty or older, the mark is the evidence (rule 8).
 * The view is taken first: whatever a writer left there, the ledger had before. `refused`: a fence has just refused a write that goes
 * forward. Only then are the autoscalers read as well: a fence that they alone carry is of an order that gave no traffic, and does no harm
 * before it refuses another.
 */
export async function lookForEvidence(world: World, refused = false): Promise<void> {
  const { rollouts } = world
  const view = await world.cluster.view()
  const autoscalers = refused ? await world.cluster.autoscalers() : []
  const { mark, weights } = view.route
  if (mark === null || mark.service !== rollouts.service) return
  const fence = newestCarried(view, autoscalers, mark)
  for (const rollout of await rollouts.open()) {
    const state = await loadIfReadable(rollouts, rollout)
    if (state === null || !isUnknown(state, fence)) continue
    const found = { ...foundOf(view, mark), fence, weight: weights[state.parts?.canary ?? mark.canary] }
    await rollouts.execute(rollout, own(world, { type: 'record-newer-fence', ...found }))
  }
  const weight = weights[mark.canary]
  if (weight === 0 || (await rollouts.load(mark.rollout)) !== null) return
  world.log.error(
    { service: rollouts.service, rollout: mark.rollout, weight },
    'the cluster carries a rollout that Redis knows nothing of: it is held and watched; roll back or look at Redis',
  )
  await rollouts.find(own(world, { type: 'record-found', spec: specOf(world, view, mark), ...foundOf(view, mark) }))
}

/** The newest fence of the mark's rollout: an order that was lost may have pinned an autoscaler or sized a track, and never reached the route. */
function newestCarried(
  { tracks }: ClusterView,
  autoscalers: readonly AutoscalerView[],
  { rollout, version, hash }: Mark,
): Fence {
  const carried = [...Object.values(tracks), ...autoscalers].map(({ fence }) =>
    fence?.rollout === rollout ? fence.version : 0,
  )
  return { rollout, version: Math.max(version, ...carried), ...(hash !== undefined && { hash }) }
}

/** What the cluster itself says of the rollout whose mark it carries. */
export function foundOf({ tracks, route }: ClusterView, mark: Mark): Found {
  const { stable, canary, rollout, version, hash } = mark
  return {
    stable,
    canary,
    stableSize: Math.max(tracks[stable].replicas, tracks[canary].replicas),
    stableImage: tracks[stable].image,
    canaryImage: tracks[canary].image,
    weight: route.weights[canary],
    fence: { rollout, version, ...(hash !== undefined && { hash }) },
  }
}

/** The specification by the present configuration: the frozen one is lost. The version is what stands behind the image's colon. */
export function specOf({ config }: Pick<World, 'config'>, { tracks }: ClusterView, mark: Mark): RolloutSpec {
  const { image } = tracks[mark.canary]
  return frozenSpec(config, /:([^:/@]+)(@.*)?$/.exec(image)?.[1] ?? 'unknown', image)
}
