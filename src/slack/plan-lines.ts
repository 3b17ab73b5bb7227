import type { ClusterConfig } from '../config/config.ts'
import type { Phase, Track } from '../rollout/plan.ts'
import { planOf } from '../rollout/plan-text.ts'
import { sizeIn } from '../rollout/size-in.ts'
import type { State } from '../rollout/state.ts'
import { escapeText } from './format.ts'

/** How the objects are called that a plan changes. */
export type ObjectNames = Pick<ClusterConfig, 'traffic' | 'tracks'>

/** How Kubernetes calls the object that holds the weights. */
const routeKinds = { 'virtual-service': 'VirtualService', 'http-route': 'HTTPRoute' } as const

/** What a phase changes on the cluster: one line an object, with each field before → after; mrkdwn. */
export function planLines(state: State, phase: Phase, names: ObjectNames): readonly string[] {
  const plan = planOf(state, phase)
  if (plan === null || state.parts === undefined) throw new Error('a plan is made after preparation only')
  const { stable, canary, fromWeight, replicas } = plan
  const image =
    phase.number > 1
      ? []
      : [
          `image ${code(state.parts.canaryImage)} → ${state.parts.canaryImage === plan.image ? 'the same' : code(plan.image)}`,
        ]
  const size = sizeChange(sizeBefore(state, phase), replicas)
  const { kind, name, route } = names.traffic
  const deployment = (track: Track) => `Deployment ${code(names.tracks[track].deployment)}`
  return [
    `• ${routeKinds[kind]} ${code(name)}${route === undefined ? '' : `, route ${code(route)}`}: ${canary} ${fromWeight} % → *${phase.weight} %*, ${stable} ${100 - fromWeight} % → *${100 - phase.weight} %*`,
    `• ${deployment(canary)}: ${[...image, size].join(', ')}`,
    ...(phase.weight >= 100
      ? [`• ${deployment(stable)}: keeps its ${state.parts.stableSize} pods until the rollback window closes`]
      : []),
  ]
}

function sizeChange(before: number | undefined, after: number): string {
  if (before === undefined) return `*${after}* pods`
  // A track is never made smaller on the way forward.
  return before >= after ? `pods stay ${before}` : `pods ${before} → *${after}*`
}

/** How many pods the canary has before a phase, as far as that is known. */
function sizeBefore(state: State, { number }: Phase): number | undefined {
  const { parts, spec, keptSizes } = state
  const kept = parts === undefined ? undefined : keptSizes[parts.canary]
  if (kept !== undefined || parts === undefined) return kept
  const last = spec.phases.find((p) => p.number === number - 1)
  return last === undefined ? parts.canarySize : sizeIn(state, parts, last)
}

const code = (text: string) => `\`${escapeText(text)}\``
