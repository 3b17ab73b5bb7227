import type { RolloutSpec } from '../rollout/plan.ts'
import type { Config } from './config.ts'

/** What the rollout of a version freezes, the mode with it: a change of the configuration counts for the next one. */
export function frozenSpec(
  { mode, release }: Pick<Config, 'mode' | 'release'>,
  version: string,
  image: string,
): RolloutSpec {
  return { ...release, version, image, ...(mode === 'observe' && { mode }) }
}
