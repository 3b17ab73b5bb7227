import { SlipwayError } from '../errors.ts'
import type { Track } from '../rollout/plan.ts'
import { markedPoint } from '../rollout/point-of-no-return.ts'
import { fenceOf, lastOrder } from '../rollout/state.ts'
import { own } from './outcome.ts'
import type { ClusterView } from './ports.ts'
import { step } from './step.ts'

/** Finds out which track is stable, claims the route for this rollout, and records the parts. */
export const prepare = step('prepare', async (world, state) => {
  const { cluster, rollouts } = world
  const view = await cluster.view()
  // Claimed before by this very rollout: somebody's change of the weights meanwhile does not swap the parts.
  const { mark } = view.route
  const stable = mark?.rollout === state.rollout ? mark.stable : stableOf(view)
  const canary = stable === 'blue' ? 'green' : 'blue'
  const found = view.route.weights[canary]
  if (found !== 0) {
    const what = `the route ${world.config.cluster.traffic.name}`
    throw new SlipwayError('weights-differ', { what, expected: `0 % on ${canary}`, found: `${found} %` })
  }
  if (view.tracks[stable].replicas === 0) throw new SlipwayError('stable-empty', { track: stable })
  // A rollout that is claimed has been looked at; what has come since must not keep it from being taken up again.
  const size = view.tracks[stable].replicas
  const autoscalers = await cluster.autoscalers()
  if (mark?.rollout !== state.rollout) {
    const [problem] = await cluster.trafficProblems(state.spec.phases.map((phase) => phase.weight))
    if (problem !== undefined) throw problem
    // At full size, as readiness counted it: meanwhile something else may have taken the room.
    const pods = Math.max(0, size - view.tracks[canary].pods)
    const short = await cluster.quotaShortfalls(canary, pods)
    if (short.length > 0) throw new SlipwayError('quota-full', { short: short.join('; '), pods })
    // It would take the canary's pods away again.
    const small = autoscalers.find(({ maximum }) => maximum < size)
    if (small !== undefined)
      throw new SlipwayError('autoscaler-too-small', { name: small.name, maximum: small.maximum, size })
  }
  const point = markedPoint(state.spec)
  await cluster.claim({
    service: state.service,
    ...fenceOf(state, lastOrder(state)),
    stable,
    canary,
    ...(point !== null && { pointOfNoReturn: point }),
  })
  await cluster.pin(stable, size, fenceOf(state, state.version))
  await rollouts.execute(
    state.rollout,
    own(world, {
      type: 'record-prepared',
      stable,
      canary,
      stableSize: size,
      stableImage: view.tracks[stable].image,
      canaryImage: view.tracks[canary].image,
      canarySize: view.tracks[canary].replicas,
      ...(autoscalers.length > 0 && { autoscalers: autoscalers.map(({ name, track }) => ({ name, track })) }),
    }),
  )
})

/** The track with the greater share is stable: readiness has seen that it is 100 %. */
function stableOf(view: ClusterView): Track {
  return view.route.weights.blue >= view.route.weights.green ? 'blue' : 'green'
}
