import type { Check } from './check.ts'
import { gitOps } from './configuration/git-ops.ts'
import { referencesExist } from './configuration/references-exist.ts'
import { routeSound } from './configuration/route-sound.ts'
import { routeWeights } from './configuration/route-weights.ts'
import { soleWriter } from './configuration/sole-writer.ts'
import { templatesAgree } from './configuration/templates-agree.ts'

/** Route and Deployments are as a rollout expects them. */
export const configuration: readonly Check[] = [
  routeWeights,
  routeSound,
  templatesAgree,
  referencesExist,
  soleWriter,
  gitOps,
]
