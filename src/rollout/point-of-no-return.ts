import type { PointOfNoReturn } from './plan.ts'
import type { State } from './state.ts'

/** The point of no return that this rollout has passed, or null: its phase was started, or has its weight. */
export function pointPassed({ spec, phase, weight }: Pick<State, 'spec' | 'phase' | 'weight'>): PointOfNoReturn | null {
  const { pointOfNoReturn: point } = spec
  if (point === undefined) return null
  const from = spec.phases.find(({ number }) => number === point.phase)?.weight ?? 100
  // Of a rollout whose record was lost only the weight is known.
  return phase >= point.phase || weight >= from ? point : null
}
