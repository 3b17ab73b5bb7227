import { trafficKinds } from '../cluster/traffic-kinds.ts'
import type { ClusterConfig } from '../config/config.ts'
import { resources } from './cluster/resources.ts'
import type { StandIn } from './cluster/start-cluster.ts'
import type { Neighbours } from './neighbours.ts'
import type { SandboxPagerDuty } from './pagerduty/pagerduty.ts'
import type { SimulatedService } from './service/simulated-service.ts'
import type { StrictSlack } from './strict-slack/strict-slack.ts'

/** What only readiness notices: each is found by one check. */
export const troubleNames = ['quota', 'health', 'argo-cd', 'alert', 'scope', 'on-call'] as const
export type Trouble = (typeof troubleNames)[number]

/** What each is, for people, and the check that finds it. */
export const troubleEffects: Readonly<Record<Trouble, string>> = {
  quota: 'a ResourceQuota leaves no room for another pod',
  health: "the service's health endpoint answers 503",
  'argo-cd': 'an Application of Argo CD manages the route',
  alert: 'a critical alert fires',
  scope: 'the bot token has a scope more than it uses',
  'on-call': 'nobody is on call',
}

/** Makes trouble, and mends it. */
export interface Troubles {
  /** False: it would have to be on a cluster that is a real one. */
  break(what: Trouble): boolean
  /** Mends one, or all. Returns those that there were. */
  heal(what?: Trouble): readonly Trouble[]
  broken(): readonly Trouble[]
}

export interface Troubled {
  readonly service: Pick<SimulatedService, 'setHealth'>
  readonly neighbours: Pick<Neighbours, 'setAlerts'>
  readonly pagerduty: Pick<SandboxPagerDuty, 'setOnCall'>
  readonly slack: Pick<StrictSlack, 'scopes'>
  /** Null for a real cluster. */
  readonly standIn: StandIn | null
  readonly cluster: ClusterConfig
}

/** A scope that Slipway has no use for. */
const spare = 'channels:manage'
const full = { pods: '6' }
const tracking = 'argocd.argoproj.io/tracking-id'

/** What can go wrong around the release that only readiness looks at. */
export function createTroubles({ service, neighbours, pagerduty, slack, standIn, cluster }: Troubled): Troubles {
  const { namespace, traffic } = cluster
  const { plural } = trafficKinds[traffic.kind].resource
  const route = resources.find((resource) => resource.plural === plural)?.plural ?? 'virtualservices'
  /** A tracking id, or null to take it away. */
  const track = (id: string | null) =>
    standIn?.patch(route, namespace, traffic.name, { metadata: { annotations: { [tracking]: id } } })
  const acts: Readonly<
    Record<Trouble, { readonly make: () => void; readonly mend: () => void; readonly on?: 'cluster' }>
  > = {
    quota: {
      on: 'cluster',
      make: () =>
        standIn?.create('resourcequotas', namespace, {
          metadata: { name: 'sandbox', namespace },
          spec: { hard: full },
          status: { hard: full, used: full },
        }),
      mend: () => standIn?.remove('resourcequotas', namespace, 'sandbox'),
    },
    health: { make: () => service.setHealth(false), mend: () => service.setHealth(true) },
    'argo-cd': {
      on: 'cluster',
      make: () => track(`shop:${trafficKinds[traffic.kind].resource.group}/route:${namespace}/${traffic.name}`),
      mend: () => track(null),
    },
    alert: { make: () => neighbours.setAlerts(['ErrorBudgetBurns']), mend: () => neighbours.setAlerts([]) },
    scope: { make: () => slack.scopes.bot.add(spare), mend: () => slack.scopes.bot.delete(spare) },
    'on-call': { make: () => pagerduty.setOnCall([]), mend: () => pagerduty.setOnCall(['On-call SRE']) },
  }
  const present = new Set<Trouble>()
  return {
    break(what) {
      const { make, on } = acts[what]
      if (on === 'cluster' && standIn === null) return false
      if (!present.has(what)) make()
      present.add(what)
      return true
    },
    heal(what) {
      const was = [...present].filter((one) => what === undefined || one === what)
      for (const one of was) {
        acts[one].mend()
        present.delete(one)
      }
      return was
    },
    broken: () => [...present],
  }
}
