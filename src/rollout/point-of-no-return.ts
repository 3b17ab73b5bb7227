import type { PointOfNoReturn, RolloutSpec } from './plan.ts'
import type { State } from './state.ts'

/** A point of no return as the mark on the cluster carries it, for whoever has nothing but the cluster. */
export interface MarkedPoint {
  readonly phase: number
  /** The weight of that phase, in percent: a canary that has it has passed the point. */
  readonly weight: number
  /** What a rollback does not undo. */
  readonly what: string
}

/** What a mark says of a rollout's point of no return; null where its version declares none. */
export function markedPoint({ pointOfNoReturn: point, phases }: RolloutSpec): MarkedPoint | null {
  if (point === undefined) return null
  const { phase, what } = point
  return { phase, weight: phases.find(({ number }) => number === phase)?.weight ?? 100, what }
}

/**
 * What people are told of it after all traffic was taken from a canary that had `from` percent, by whoever knows the cluster alone: that
 * tells no phase, and the pods of one come up, and migrate, before they get its weight.
 */
export function undoneText({ phase, weight, what }: MarkedPoint, from: number): string {
  const undone = `${what} is not undone. See that stable works with it.`
  if (from >= weight) return `This is past the point of no return: the traffic is back, but ${undone}`
  return `If phase ${phase} (${weight} %) had started, the point of no return is passed, and ${undone}`
}

/** The point of no return that this rollout has passed, or null: its phase was started, or has its weight. */
export function pointPassed({ spec, phase, weight }: Pick<State, 'spec' | 'phase' | 'weight'>): PointOfNoReturn | null {
  const marked = markedPoint(spec)
  if (spec.pointOfNoReturn === undefined || marked === null) return null
  // Of a rollout whose record was lost only the weight is known.
  return phase >= marked.phase || weight >= marked.weight ? spec.pointOfNoReturn : null
}
