import { isOver, phaseOf, type State } from './state.ts'

/** What the canary gets, in words: `5 %`, or `up to 20 % (not confirmed)` where what may have been written is not on record. */
export function weightText(state: State): string {
  const { weight, drift } = state
  if (drift?.weight !== undefined && drift.takenOver === undefined) return `${drift.weight} %`
  const most = Math.max(weight, unrecordedWeight(state), drift?.weight ?? 0)
  // What is being taken over has one weight or the other.
  return most > weight || drift?.weight !== undefined ? `up to ${most} % (not confirmed)` : `${weight} %`
}

/** What a rollback that fails leaves the canary with: one sentence, for every place that tells it. */
export function stillGetsText(state: State): string {
  const gets = weightText(state)
  return gets === '0 %' ? 'The weights are not confirmed.' : `The canary still gets ${gets}.`
}

/** The weight of a phase whose shift nobody has recorded, in percent; 0 where none can have been written. */
function unrecordedWeight(state: State): number {
  const { phases, canaryReadyPhase, fenceFloor } = state
  const last = phases.at(-1)
  // After a loss of the record the weight is the one that the cluster had then, and nothing was shifted since.
  if (last === undefined || last.shiftedAt !== undefined || fenceFloor > 0 || isOver(state)) return 0
  return canaryReadyPhase < last.phase ? 0 : (phaseOf(state, last.phase)?.weight ?? 0)
}
