import type { Check } from './check.ts'
import { routeWeights } from './configuration/route-weights.ts'
import { templatesAgree } from './configuration/templates-agree.ts'

/** Route and Deployments are as a rollout expects them. */
export const configuration: readonly Check[] = [routeWeights, templatesAgree]
