import type { Config } from '../config/config.ts'
import type { World } from '../jobs/world.ts'
import type { Track } from '../rollout/plan.ts'
import type { Snapshot } from './snapshot.ts'

/** What readiness asks beside what a rollout needs. Every method throws a SlipwayError when it could not be asked. */
export interface Outside {
  /** A fresh look at the cluster. */
  readonly lookAtCluster: () => Snapshot
  /** When something last succeeded by what an address answers, in ms since 1970, or why that can't be told from it. */
  readonly lastSuccess: (url: string) => Promise<{ readonly at: number } | { readonly why: string }>
  /** The alerts with these labels that an Alertmanager knows to fire, silenced or not, each name once. */
  readonly alerts: (
    url: string,
    labels: Readonly<Record<string, string>>,
  ) => Promise<readonly { readonly name: string; readonly silenced: boolean }[]>
  /** Title of a Grafana dashboard; null when there is none of this uid. */
  readonly dashboard: (url: string, uid: string) => Promise<string | null>
  /** May pages be written in a Confluence space? Null when no such space is to be seen. */
  readonly mayWriteSpace: (url: string, space: string) => Promise<boolean | null>
  /** Resolves when Slipway is in its channel; otherwise `slack-channel`. */
  readonly channel: () => Promise<void>
  /** Who is on call, by name; not there where nobody may ask. */
  readonly onCall?: () => Promise<readonly string[]>
  /** Address of the API server. */
  readonly apiServer: string
  /** Redis' own INFO, all sections. */
  readonly redisInfo: () => Promise<string>
  /** The scopes of the bot token, as Slack tells them. */
  readonly botScopes: () => Promise<readonly string[]>
  /** What an address answers to a GET; redirects are followed to no other host. */
  readonly fetch: (url: string) => Promise<{ readonly status: number }>
  /** The digest under which a registry has an image (empty where it does not tell), or null when it has none. */
  readonly findImage: (registry: string, repository: string, reference: string) => Promise<string | null>
  /** When the first certificate of the chain that an https address serves runs out, in ms since 1970. */
  readonly certificateEnd: (url: string) => Promise<number>
}

/** What the checks of one report look at. */
export interface Subject {
  readonly world: Pick<World, 'config' | 'clock' | 'rollouts' | 'metrics' | 'people' | 'locks'>
  readonly config: Config
  readonly version: string
  /** The version's image. */
  readonly image: string
  /** The stable track of the rollout that is open; not there without one. */
  readonly stable?: Track
  /** The cluster, read once for all of them. */
  readonly cluster: Snapshot
  readonly outside: Outside
}
