import type { Fleet } from '../fleet.ts'
import type { Outside } from '../outside.ts'
import type { Delivery } from '../people/delivery.ts'
import type { Observations } from '../witness.ts'

/** What a rule may look at. */
export interface Scene {
  readonly outside: Outside
  readonly fleet: Fleet
  readonly delivery: Delivery
}

/** Watches one run; throws `Broken` when it sees the rule broken. */
export type Rule = (scene: Scene) => Observations
