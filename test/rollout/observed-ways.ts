import type { RolloutSpec } from '../../src/rollout/plan.ts'
import { createDrive, type Drive, spec, type Taken } from './drive.ts'
import { parts, started } from './ways.ts'

export const observedSpec: RolloutSpec = { ...spec, mode: 'observe' }

/** A rollout that somebody else drives, asked for by a person, with its tracks seen. */
export function observed(of = observedSpec): Drive {
  const drive = started(of)
  drive.say({ type: 'record-tracks', ...parts })
  return drive
}

/** One that nobody had told Slipway of. */
export function found(weight: number): Drive {
  const drive = createDrive()
  drive.say({ type: 'record-traffic-found', spec: observedSpec, weight, manager: 'argo', ...parts })
  return drive
}

/** Somebody gives the canary this much, after so much of the present soak was seen (ms). */
export function seeWeight(drive: Drive, weight: number, seen = 0, image = spec.image): Taken {
  return drive.say({ type: 'record-weight', weight, manager: 'kubectl-edit', image, observed: seen })
}
