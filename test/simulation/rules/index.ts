import type { Fleet } from '../fleet.ts'
import type { Outside } from '../outside.ts'
import type { Delivery } from '../people/delivery.ts'
import type { Observations } from '../witness.ts'
import { Broken } from './broken.ts'

export { Broken }

/** What a rule may look at. */
export interface Scene {
  readonly outside: Outside
  readonly fleet: Fleet
  readonly delivery: Delivery
}

/** Every rule, watching one run. */
export function createRules(_scene: Scene): readonly Observations[] {
  return []
}
