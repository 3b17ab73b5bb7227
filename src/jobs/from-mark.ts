import { decideFound } from '../rollout/decide-lost.ts'
import { schemaVersion } from '../rollout/events.ts'
import { evolve } from '../rollout/evolve.ts'
import type { State } from '../rollout/state.ts'
import { foundOf, specOf } from './evidence.ts'
import { own } from './outcome.ts'
import type { World } from './world.ts'

/** What the mark on the cluster tells a process that was started after Redis had gone: the rollout, as if it had just been found. */
export async function fromMark(world: World): Promise<readonly State[]> {
  const view = await world.cluster.view()
  const { mark } = view.route
  if (mark === null || mark.service !== world.rollouts.service) return []
  if (mark.closed || view.route.weights[mark.canary] === 0) return []
  const { rollouts } = world
  // This process has seen how that one ended.
  if (rollouts.closed() >= mark.rollout || rollouts.known().some((s) => s.rollout >= mark.rollout)) return []
  const found = own(world, { type: 'record-found', spec: specOf(world, view, mark), ...foundOf(view, mark) } as const)
  const decision = decideFound(found)
  if ('refusal' in decision) return []
  const head = { v: schemaVersion, service: mark.service, rollout: mark.rollout, at: Date.parse(mark.at) } as const
  const state = decision.events.reduce<State | null>(
    (before, body, i) => evolve(before, { ...body, ...head, version: i + 1, command: found.id }),
    null,
  )
  return state === null ? [] : [state]
}
