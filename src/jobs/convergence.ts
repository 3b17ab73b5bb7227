import { followed } from '../rollout/convergence.ts'
import type { State } from '../rollout/state.ts'
import { own } from './outcome.ts'
import { requestsOf } from './requests.ts'
import type { World } from './world.ts'

/**
 * After a shift: do the requests follow the weight? Proven by counting them where that can be done; where it can't, the configured
 * pause stands in. `weight` is the canary's by the cluster, in percent. Requests that don't follow in time are told, and looked at on.
 */
export async function watchConvergence(world: World, state: State, weight: number): Promise<void> {
  const { convergence, spec, rollout, parts, phase } = state
  const { convergesWithin, convergencePause = 0 } = spec
  if (parts === undefined || convergence === undefined || convergesWithin === undefined) return
  if (convergence.outcome === 'followed' || convergence.outcome === 'paused' || weight !== convergence.weight) return
  const ms = world.clock.now() - convergence.since
  const window = Math.min(ms, spec.staleAfter)
  const [canary, stable] = await Promise.all([
    requestsOf(world, spec, parts.canary, window),
    requestsOf(world, spec, parts.stable, window),
  ])
  const counted = 'value' in canary && 'value' in stable ? followed(weight, canary.value, stable.value) : null
  if (counted?.follow === 'yes') {
    const outcome = { type: 'record-converged', phase, weight, share: counted.share, ms } as const
    await world.rollouts.execute(rollout, own(world, outcome))
    return
  }
  // What was counted and told stands until a count fits; one that fails meanwhile says nothing against it.
  if (convergence.outcome === 'missed') return
  if (counted?.follow === 'no') {
    if (ms < convergesWithin) return
    const outcome = { type: 'record-not-converged', track: parts.canary, weight, share: counted.share, ms } as const
    await world.rollouts.execute(rollout, own(world, outcome))
    return
  }
  // Without a query nothing will come; with one, numbers may come until the time is over.
  const over = spec.requestsQuery === undefined ? convergencePause : Math.max(convergencePause, convergesWithin)
  if (ms < over) return
  const missing = 'missing' in canary ? canary.detail : 'missing' in stable ? stable.detail : 'too few requests'
  const outcome = { type: 'record-converged', phase, weight, share: null, ms, instead: missing } as const
  await world.rollouts.execute(rollout, own(world, outcome))
}

/** Is it settled, one way or another, whether the requests follow the present weight? A soak passes only then. */
export function isSettled({ convergence, spec }: State): boolean {
  return convergence === undefined || convergence.outcome !== undefined || spec.convergesWithin === undefined
}
