import { canarySize, type Phase } from './plan.ts'
import type { Parts, State } from './state.ts'

/** The canary's pods in a phase: as many as it was ready with, else the fewest, which its plan names. */
export function sizeIn({ spec, canaryReadyPhase, canaryReplicas }: State, parts: Parts, phase: Phase): number {
  const isKnown = canaryReadyPhase === phase.number && canaryReplicas !== undefined
  return isKnown ? canaryReplicas : canarySize(phase, parts.stableSize, spec.headroom)
}
