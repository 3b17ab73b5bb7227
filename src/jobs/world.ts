import type { Config } from '../config/config.ts'
import type { Beside } from '../ledger/beside.ts'
import type { Cursors } from '../ledger/cursors.ts'
import type { Leases } from '../ledger/leases.ts'
import type { Locks } from '../ledger/locks.ts'
import type { Pace } from '../ledger/pace.ts'
import type { ServiceRecord } from '../ledger/record.ts'
import type { Rollouts } from '../ledger/rollouts.ts'
import type { BreakGlass, Clock, Cluster, ClusterReader, Metrics, Paging, People, Reach } from './ports.ts'

/** Where a process writes what happens to it. ERROR means that a person must act. */
export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Everything that may be touched whether Slipway drives releases or only observes them: nothing here writes to the cluster. */
export interface World {
  readonly config: Config
  readonly clock: Clock
  /** Makes an id that no other call makes. */
  readonly newId: () => string
  readonly log: Log
  readonly rollouts: Rollouts
  readonly record: ServiceRecord
  readonly locks: Locks
  readonly beside: Beside
  readonly cursors: Cursors
  readonly leases: Leases
  readonly pace: Pace
  readonly cluster: ClusterReader
  readonly metrics: Metrics
  readonly paging: Paging
  readonly people: People
  /** Null in a process that has no connection to Slack of its own. */
  readonly reach: Reach | null
}

/** What those jobs may touch that change the cluster. A process whose configuration says `mode: observe` has none. */
export interface ActingWorld extends World {
  readonly cluster: Cluster
  readonly breakGlass: BreakGlass
}
