import type { PointOfNoReturn, RolloutSpec } from '../rollout/plan.ts'
import type { Config } from './config.ts'

/**
 * What the rollout of a version freezes, the mode with it: a change of the configuration counts for the next one. Passing this
 * version's point of no return is signed for as the last checkpoint of its phase.
 */
export function frozenSpec(
  { mode, release, pointsOfNoReturn }: Pick<Config, 'mode' | 'release' | 'pointsOfNoReturn'>,
  version: string,
  image: string,
): RolloutSpec {
  const spec: RolloutSpec = { ...release, version, image, ...(mode === 'observe' && { mode }) }
  const found = pointsOfNoReturn.find((point) => point.version === version)
  if (found === undefined) return spec
  const { phase, what, role } = found
  const point: PointOfNoReturn = { phase, what, role }
  const checkpoint = { text: `Point of no return: ${what}. A rollback after this does not undo it.`, role }
  const phases = spec.phases.map((one) =>
    one.number === phase ? { ...one, checkpoints: [...(one.checkpoints ?? []), checkpoint] } : one,
  )
  return { ...spec, phases, pointOfNoReturn: point }
}
