import type { Config } from '../config/config.ts'
import type { World } from '../jobs/world.ts'
import type { Snapshot } from './snapshot.ts'

/** What readiness asks beside what a rollout needs. Every method throws a SlipwayError when it could not be asked. */
export interface Outside {
  /** A fresh look at the cluster. */
  readonly lookAtCluster: () => Snapshot
}

/** What the checks of one report look at. */
export interface Subject {
  readonly world: Pick<World, 'config' | 'clock' | 'rollouts' | 'metrics'>
  readonly config: Config
  readonly version: string
  /** The version's image. */
  readonly image: string
  /** The cluster, read once for all of them. */
  readonly cluster: Snapshot
  readonly outside: Outside
}
