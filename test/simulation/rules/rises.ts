import type { StoredMark } from '../../../src/cluster/mark.ts'
import type { RouteTruth } from '../cluster/api.ts'
import { Broken } from './broken.ts'

/** A write of Slipway's that gives the canary more. */
export interface Rise {
  readonly mark: StoredMark
  /** In percent. */
  readonly from: number
  readonly to: number
}

/** Does this write of Slipway's give the canary more than it had? */
export function risesFor(manager: string, before: RouteTruth, after: RouteTruth): Rise | null {
  if (manager !== 'slipway') return null
  const { mark } = after
  if (mark === null) throw new Broken('fence-holds', 'the route was written without a mark')
  const [from, to] = [before.weights[mark.canary], after.weights[mark.canary]]
  return to > from ? { mark, from, to } : null
}
