import { frozenSpec } from '../config/frozen-spec.ts'
import type { Track } from '../rollout/plan.ts'
import { holdsService } from '../rollout/state.ts'
import { greaterTrack, partsOf } from './observe.ts'
import { own } from './outcome.ts'
import type { ClusterView } from './ports.ts'
import type { World } from './world.ts'

/**
 * Notices a release of which nobody told Slipway, where it only observes: the other track gets traffic. Stable is the track
 * that had everything before; a process that has not seen that goes by the greater share, and waits while there is none.
 */
export function createFollower(world: World): () => Promise<void> {
  let before: Track | null = null

  return async () => {
    const { rollouts, cluster, config } = world
    const current = await rollouts.current()
    if (current !== null && holdsService(current)) {
      before = null
      return
    }
    const view = await cluster.view()
    const whole = wholeTrack(view)
    const stable = before ?? (isStopped(current) ? null : greaterTrack(view))
    if (whole !== null && (before === null || whole === before)) {
      before = whole
      return
    }
    if (stable === null) return
    const parts = partsOf(view, stable)
    const found = {
      type: 'record-traffic-found',
      ...parts,
      spec: frozenSpec(config, versionOf(parts.canaryImage), parts.canaryImage),
      weight: view.route.weights[parts.canary],
      manager: view.route.lastManager ?? 'somebody',
    } as const
    await rollouts.start(own(world, found), view.route.mark?.rollout ?? 0)
    before = null
  }
}

/** Somebody has ended the observation of a release that is still under way: it is left alone until one track has everything. */
function isStopped(current: Awaited<ReturnType<World['rollouts']['current']>>): boolean {
  return current?.observation?.ended?.how === 'stopped'
}

function wholeTrack({ route }: ClusterView): Track | null {
  if (route.weights.blue === 100) return 'blue'
  return route.weights.green === 100 ? 'green' : null
}

/** The version by an image: what stands behind its colon. */
function versionOf(image: string): string {
  return /:([^:/@]+)(@.*)?$/.exec(image)?.[1] ?? 'unknown'
}
