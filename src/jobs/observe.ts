import { judge, type Readings } from '../rollout/analysis.ts'
import { isReleased } from '../rollout/observed.ts'
import { metricsOf, type Track } from '../rollout/plan.ts'
import { type Parts, type State, watchedPhase } from '../rollout/state.ts'
import { watchPods } from './failing-pods.ts'
import { own } from './outcome.ts'
import type { ClusterView } from './ports.ts'
import { tellSeen } from './sight.ts'
import { viewIfReachable } from './view-if-reachable.ts'
import { soakKey, watchTraffic } from './watch.ts'
import type { World } from './world.ts'

/**
 * One look at a release that somebody else drives: who has the traffic, how the weights have changed, what the metrics say.
 * Returns this phase's readings.
 */
export async function observe(world: World, state: State): Promise<readonly Readings[]> {
  const { parts, rollout } = state
  const view = await viewIfReachable(world)
  if (parts === undefined) {
    const stable = view === null ? null : greaterTrack(view)
    if (view !== null && stable !== null)
      await world.rollouts.execute(rollout, own(world, { type: 'record-tracks', ...partsOf(view, stable) }))
    return []
  }
  const weight = view?.route.weights[parts.canary] ?? state.weight
  if (view !== null && (weight !== state.weight || isReleased(state, world.clock.now()))) {
    const observed = await world.beside.observed(rollout, soakKey(state))
    const { image } = view.tracks[parts.canary]
    const manager = view.route.lastManager ?? 'somebody'
    await world.rollouts.execute(rollout, own(world, { type: 'record-weight', weight, manager, image, observed }))
    return []
  }
  if (weight === 0) {
    await tellSeen(world, state)
    return []
  }
  if (view !== null) await watchPods(world, state, parts, view)
  const history = await watchTraffic(world, state, parts, weight)
  await tellRecovered(world, state, history)
  return history
}

/** The track with the greater share; null when neither has it, so that nobody can tell which one is stable. */
export function greaterTrack({ route }: ClusterView): Track | null {
  const { blue, green } = route.weights
  if (blue === green) return null
  return blue > green ? 'blue' : 'green'
}

/** The tracks as they stand, with `stable` as the one that had the traffic when it began. */
export function partsOf({ tracks }: ClusterView, stable: Track): Parts {
  const canary = stable === 'blue' ? 'green' : 'blue'
  return {
    stable,
    canary,
    stableSize: tracks[stable].replicas,
    stableImage: tracks[stable].image,
    canaryImage: tracks[canary].image,
  }
}

/** A broken limit counts as kept again after as many good looks in a row as breaking it takes. */
async function tellRecovered(world: World, state: State, history: readonly Readings[]): Promise<void> {
  const { spec, observation, rollout } = state
  for (const metric of metricsOf(spec, watchedPhase(state).phase).filter((m) => observation?.broken.includes(m.name))) {
    const since = history.at(-metric.confirm)?.at
    const looks = Array.from({ length: metric.confirm }, (_, i) => history.slice(0, history.length - i))
    const kept = looks.every((upTo) => ['good', 'off-target'].includes(judge(metric, upTo, spec.interval).state))
    if (since !== undefined && kept)
      await world.rollouts.execute(rollout, own(world, { type: 'record-recovered', metric: metric.name, since }))
  }
}
