import type { KubeConfig } from '@kubernetes/client-node'
import type { WebClient } from '@slack/web-api'
import { createReadingClient } from '../cluster/client.ts'
import { createInspector } from '../cluster/inspector.ts'
import { createSnapshot } from '../cluster/snapshot.ts'
import type { Config } from '../config/config.ts'
import type { Environment } from '../config/environment.ts'
import { createAsk } from '../paging/ask.ts'
import { findOnCall } from '../paging/on-call.ts'
import type { Outside } from '../readiness/subject.ts'
import { findChannel } from '../slack/app.ts'
import { mayWriteSpace } from './confluence-space.ts'
import { firingAlerts } from './firing-alerts.ts'
import { grafanaDashboard } from './grafana-dashboard.ts'
import { lastSuccess } from './last-success.ts'

interface Parts {
  readonly kubeConfig: KubeConfig
  readonly config: Config
  readonly environment: Pick<Environment, 'pagerduty' | 'grafanaToken' | 'confluenceCredentials'>
  readonly slack: WebClient
}

/** Share of a check's time that one request of it may take: two must fit. */
const share = 0.45

/** What readiness asks beside what a rollout needs, over the real systems. */
export function lookOutside({ kubeConfig, config, environment, slack }: Parts): Outside {
  const { cluster, readiness } = config
  const reach = { kubeConfig, namespace: cluster.namespace, timeout: cluster.timeout }
  const client = createReadingClient(reach)
  const inspector = createInspector(reach)
  const timeout = readiness.timeout * share
  const onCall = createOnCall(config, environment.pagerduty)
  return {
    lookAtCluster: () => createSnapshot({ client, inspector, config: cluster }),
    lastSuccess: (url) => lastSuccess(url, timeout),
    alerts: (url, labels) => firingAlerts(url, labels, timeout),
    dashboard: (url, uid) => grafanaDashboard(url, uid, environment.grafanaToken, timeout),
    mayWriteSpace: (url, space) => mayWriteSpace(url, space, environment.confluenceCredentials, timeout),
    channel: async () => void (await findChannel(slack, config.slack.channel)),
    ...(onCall && { onCall }),
  }
}

/** Needs a token that may ask, and the service's id, which its page's address ends in. */
function createOnCall({ pagerduty }: Config, { apiToken, apiHost }: Environment['pagerduty']): Outside['onCall'] {
  const service = /\/(P[A-Z0-9]+)\/?$/.exec(new URL(pagerduty.servicePage).pathname)?.[1]
  if (apiToken === undefined || service === undefined) return undefined
  const token = apiToken.reveal()
  const ask = createAsk({ timeout: pagerduty.timeout, secrets: [token] })
  return () => findOnCall({ token, service, ask, ...(apiHost !== undefined && { server: apiHost }) })
}
