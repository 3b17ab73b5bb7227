import type { Event } from '../rollout/events.ts'

/** What became of an append: the events as they are written, chained. `service-taken`: another rollout of the service is active. */
export type Appended = readonly Event[] | 'conflict' | 'service-taken'

/** The append-only record of one service's rollouts. Every method throws `ledger-unavailable` when Redis does not answer. */
export interface Ledger {
  /** Number of the newest rollout, 0 before the first. */
  latest(): Promise<number>
  /** Number of the rollout that keeps others from starting, or null. */
  active(): Promise<number | null>
  /** Numbers of the rollouts with anything left to do. */
  open(): Promise<readonly number[]>
  /** Events after the first `from` ones, oldest first. */
  read(rollout: number, from: number): Promise<readonly Event[]>
  /**
   * Appends all of the events or none, each with the hash of the one before. `expected` is the version they were decided on; `holds` says whether the rollout
   * keeps others from starting afterwards.
   */
  append(rollout: number, expected: number, events: readonly Event[], holds: boolean): Promise<Appended>
  /** Takes a settled rollout from the open ones, unless it has moved past `version`. */
  close(rollout: number, version: number): Promise<void>
}
