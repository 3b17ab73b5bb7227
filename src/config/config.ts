import type { FreezeWindow } from '../rollout/freeze.ts'
import type { PointOfNoReturn, Role, RolloutSpec, Track } from '../rollout/plan.ts'
import type { permissionFields } from './permission-schema.ts'

/** Where a track's pods run and where its share of the traffic goes. */
export interface TrackConfig {
  readonly deployment: string
  /** The destination of the route: a Service's host, and with Istio its subset where it has one. */
  readonly destination: { readonly host: string; readonly subset?: string }
}

/** What Slipway needs to know of the cluster. Durations in ms, shares 0..1. */
export interface ClusterConfig {
  readonly namespace: string
  /** The container whose image is the release. */
  readonly container: string
  readonly traffic: {
    readonly kind: 'virtual-service' | 'http-route'
    readonly name: string
    /** Name of the route (VirtualService) or rule (HTTPRoute); without it the only one. */
    readonly route?: string
  }
  readonly tracks: Readonly<Record<Track, TrackConfig>>
  /** A rollback scales stable first when fewer of its pods than this are ready. */
  readonly readyShare: number
  /** How long that may take before the weights are written all the same. */
  readonly scaleFirst: number
  /** Time limit of one call to the API server. */
  readonly timeout: number
}

export interface RoleConfig {
  /** How people call it: `Deployment commander`. */
  readonly title: string
  /** Slack user ids of people who hold it, whatever groups they are in. */
  readonly users: readonly string[]
  /** Slack user groups whose members hold it, by handle (`@sre-team`) or id (`S…`). */
  readonly groups: readonly string[]
  /** PagerDuty schedule whoever is on call by holds it, by its id (`P…`). */
  readonly schedule?: string
}

/** Who may use a command: every full member of the workspace, whoever holds any role, or whoever holds one of these. */
export type Permission = 'members' | 'any-role' | readonly Role[]

/** The commands and buttons that `permissions` is about. */
export type Permitted = keyof typeof permissionFields

/** What every check of readiness can be told; its own numbers stand beside it. */
export interface CheckSettings {
  /** What it leads to when it does not pass. */
  readonly severity: 'block' | 'warn' | 'off'
  /** What it leads to when it could not be checked. */
  readonly unknown: 'block' | 'warn'
}

/** Which alerts count as a confirmed breach of this service. */
export interface AlertMapping {
  /** How people call it. */
  readonly title: string
  /** An alert counts when it has all of these labels. */
  readonly labels: Readonly<Record<string, string>>
}

/** A directory, or a bucket of an object storage that speaks the S3 API. `timeout` of one upload, in ms. */
export type SinkConfig =
  | { readonly directory: string }
  | {
      readonly bucket: string
      readonly endpoint: string
      readonly region: string
      readonly prefix: string
      readonly timeout: number
    }

/** The whole of deployment-config.yaml, parsed once and frozen. Durations in ms, ratios 0..1. */
export interface Config {
  readonly service: string
  /** How people call the service: `Claude Enhancer`. */
  readonly title: string
  /** `act`: Slipway drives releases. `observe`: somebody else does; Slipway changes nothing and says what it would have done. */
  readonly mode: 'act' | 'observe'
  readonly slack: {
    /** Id (`C…`) or name (`#…`) of the one channel where releases are run. */
    readonly channel: string
    /** Time limit of one call. */
    readonly timeout: number
  }
  readonly pagerduty: {
    /** Shown as the incident's link when no REST token is given. */
    readonly servicePage: string
    readonly timeout: number
  }
  readonly prometheus: { readonly url: string; readonly timeout: number }
  /** Alerts that Alertmanager sends to the webhook; none without it. */
  readonly alertmanager?: { readonly alerts: readonly AlertMapping[] }
  readonly cluster: ClusterConfig
  readonly roles: Readonly<Record<Role, RoleConfig>>
  /** Who may use which command. Signing is decided by the phases, a rollback by nothing that stands here. */
  readonly permissions: Readonly<Record<Permitted, Permission>>
  /** Versions with something that a rollback does not undo, each once. */
  readonly pointsOfNoReturn: readonly (PointOfNoReturn & { readonly version: string })[]
  /** Windows in which nothing starts or moves forward. */
  readonly freezes: readonly FreezeWindow[]
  readonly readiness: {
    /** How long a report allows a start. */
    readonly validFor: number
    /** Time limit of one check. */
    readonly timeout: number
    /** By the check's name. */
    readonly checks: Readonly<Record<string, CheckSettings>>
  }
  readonly record: {
    /** How long the record of a rollout that is over stays in Redis. */
    readonly keepFor: number
    /** Where it is written when a rollout is over. */
    readonly sink?: SinkConfig
  }
  /** Image with `{version}` where the version goes. */
  readonly image: string
  /** Everything that a rollout freezes, but for the version and its image. */
  readonly release: Omit<RolloutSpec, 'version' | 'image'>
}
