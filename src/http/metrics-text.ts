import { isOver, type State } from '../rollout/state.ts'
import type { DependencyCheck } from './server.ts'

/** Slipway's own metrics in Prometheus's text format: which systems answer, and the canary's weight of open rollouts. */
export function metricsText(
  service: string,
  checks: Readonly<Record<string, DependencyCheck>>,
  known: readonly State[],
): string {
  const up = Object.entries(checks).map(
    ([name, { ok }]) => `slipway_dependency_up{service="${service}",dependency="${name}"} ${ok ? 1 : 0}`,
  )
  const weights = known
    .filter((s) => !isOver(s))
    .map((s) => `slipway_canary_weight_percent{service="${service}",rollout="${s.rollout}"} ${s.weight}`)
  return [
    '# HELP slipway_dependency_up Whether an outside system answers.',
    '# TYPE slipway_dependency_up gauge',
    ...up,
    '# HELP slipway_canary_weight_percent Share of the traffic that the canary gets.',
    '# TYPE slipway_canary_weight_percent gauge',
    ...weights,
    '',
  ].join('\n')
}
