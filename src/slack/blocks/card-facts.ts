import type { Readings } from '../../rollout/analysis.ts'
import type { Holds } from '../../rollout/hold.ts'
import type { Known } from '../../rollout/quorum.ts'

/** What the card shows beside the state itself. */
export interface CardFacts {
  /** Readings of the watched phase, oldest first. */
  readonly readings: readonly Readings[]
  /** Observed ms of the present soak, or of the rollback window, and how much is wanted. */
  readonly observed: number
  readonly wanted: number
  /** Who could sign, by role, as far as it is known. */
  readonly known: Known
  /** What holds the service now: freeze and lock. */
  readonly holds: Holds
  /** The kubectl line that takes the traffic back by hand; null when it could not be read. */
  readonly byHand: string | null
  /** When it is shown, in ms since 1970. */
  readonly at: number
}
