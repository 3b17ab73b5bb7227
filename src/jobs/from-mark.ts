import { decideFound } from '../rollout/decide-lost.ts'
import { schemaVersion } from '../rollout/events.ts'
import { evolve } from '../rollout/evolve.ts'
import { isObserved, isOver, type State } from '../rollout/state.ts'
import { foundOf, specOf } from './evidence.ts'
import { own } from './outcome.ts'
import type { World } from './world.ts'

/**
 * What the mark on the cluster tells a process that was started after Redis had gone, or has seen of this rollout only its beginning:
 * the rollout, as if it had just been found.
 */
export async function fromMark(world: World): Promise<readonly State[]> {
  const view = await world.cluster.view()
  const { mark } = view.route
  if (mark === null || mark.service !== world.rollouts.service) return []
  if (mark.closed || view.route.weights[mark.canary] === 0) return []
  const { rollouts } = world
  const known = rollouts.known().find((s) => s.rollout >= mark.rollout)
  const begun = known?.rollout === mark.rollout && knowsItsBeginning(known) ? known : undefined
  // This process has seen how that one ended.
  if (rollouts.closed() >= mark.rollout || known !== begun) return []
  const spec = begun?.spec ?? specOf(world, view, mark)
  const found = own(world, { type: 'record-found', spec, ...foundOf(view, mark) } as const)
  const decision = decideFound(found)
  if ('refusal' in decision) return []
  const head = { v: schemaVersion, service: mark.service, rollout: mark.rollout, at: Date.parse(mark.at) } as const
  const state = decision.events.reduce<State | null>(
    (before, body, i) => evolve(before, { ...body, ...head, version: i + 1, command: found.id }),
    null,
  )
  return state === null ? [] : [state]
}

/** Has this process seen no more of a rollout than its preparation? Others may have moved it on meanwhile. */
function knowsItsBeginning(state: State): boolean {
  return !isOver(state) && !isObserved(state) && state.parts === undefined
}
