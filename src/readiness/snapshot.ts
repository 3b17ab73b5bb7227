import type { V1Deployment, V1Pod } from '@kubernetes/client-node'
import type { Kind } from '../cluster/kinds.ts'
import type { SlipwayError } from '../errors.ts'
import type { ClusterView, GitOps } from '../jobs/ports.ts'
import type { Track } from '../rollout/plan.ts'

/** What an access review is asked about. */
export interface Access {
  readonly verb: string
  readonly group: string
  readonly resource: string
  /** Without it every object of the kind. */
  readonly name?: string
  /** Is it meant in Slipway's namespace, or in the whole cluster? */
  readonly where: 'namespace' | 'cluster'
}

/** One rule of what Slipway may do in its namespace. */
export interface AccessRule {
  readonly verbs: readonly string[]
  readonly groups: readonly string[]
  readonly resources: readonly string[]
  /** Empty: all. */
  readonly names: readonly string[]
}

/** What Slipway may do in its namespace, as far as the cluster lists it. */
export interface AccessRules {
  readonly rules: readonly AccessRule[]
  /** Is there an authorizer that lists none of its rules, as a webhook (on EKS, say)? RBAC lists all of its own. */
  readonly incomplete: boolean
}

/**
 * The cluster at one moment, shared by all checks of a report: nothing is read twice, and each kind is listed once a
 * namespace. Every method throws a SlipwayError when it could not be read; `cluster-not-found` for a kind that is not served.
 */
export interface Snapshot {
  /** As a rollout sees it. */
  view(): Promise<ClusterView>
  templateDifferences(): Promise<readonly string[]>
  /** What keeps weights from doing what they say: see `Cluster.trafficProblems`. */
  trafficProblems(): Promise<readonly SlipwayError[]>
  /** Tools that manage the route or the Deployments from Git: see `Cluster.gitOps`. */
  gitOps(): Promise<readonly GitOps[]>
  deployment(track: Track): Promise<V1Deployment>
  /** Every pod of Slipway's namespace. */
  pods(): Promise<readonly V1Pod[]>
  /** Every object of a kind: in Slipway's namespace, or in all of the cluster. */
  list<T>(kind: Kind<T>, where: 'namespace' | 'cluster'): Promise<readonly T[]>
  /** Is there one of this name? Only its metadata is read, never what it holds. */
  exists(kind: 'configmaps' | 'secrets', name: string): Promise<boolean>
  /** Major and minor version of the API server: `[1, 31]`. */
  version(): Promise<readonly [number, number]>
  may(access: Access): Promise<boolean>
  rules(): Promise<AccessRules>
}
