import type { KubeConfig } from '@kubernetes/client-node'
import type { WebClient } from '@slack/web-api'
import type { Redis } from 'ioredis'
import { createReadingClient } from '../cluster/client.ts'
import { createInspector } from '../cluster/inspector.ts'
import { createSnapshot } from '../cluster/snapshot.ts'
import type { Config } from '../config/config.ts'
import type { Environment } from '../config/environment.ts'
import type { OnCall } from '../jobs/ports.ts'
import { fromRedis } from '../ledger/redis.ts'
import type { Outside } from '../readiness/subject.ts'
import { findChannel } from '../slack/app.ts'
import { grantedScopes } from '../slack/check-connection.ts'
import { certificateEnd } from './certificate-end.ts'
import { mayWriteSpace } from './confluence-space.ts'
import { fetchWithin } from './fetch-within.ts'
import { firingAlerts } from './firing-alerts.ts'
import { grafanaDashboard } from './grafana-dashboard.ts'
import { lastSuccess } from './last-success.ts'
import { createFindImage } from './registry.ts'

interface Parts {
  readonly kubeConfig: KubeConfig
  readonly config: Config
  readonly environment: Pick<Environment, 'grafanaToken' | 'confluenceCredentials' | 'registryCredentials'>
  readonly redis: Redis
  readonly slack: WebClient
  readonly onCall: OnCall | null
}

/** Share of a check's time that one request of it may take: two must fit. */
const share = 0.45

/** What readiness asks beside what a rollout needs, over the real systems. */
export function lookOutside({ kubeConfig, config, environment, redis, slack, onCall }: Parts): Outside {
  const { cluster, readiness } = config
  const reach = { kubeConfig, namespace: cluster.namespace, timeout: cluster.timeout }
  const client = createReadingClient(reach)
  const inspector = createInspector(reach)
  const weights = config.release.phases.map((phase) => phase.weight)
  const timeout = readiness.timeout * share
  const { registryCredentials: credentials } = environment
  const forService = onCall?.forService
  return {
    lookAtCluster: () => createSnapshot({ client, inspector, config: cluster, weights }),
    apiServer: kubeConfig.getCurrentCluster()?.server ?? '',
    redisInfo: () => fromRedis(() => redis.info()),
    botScopes: () => grantedScopes(slack),
    async fetch(url) {
      const { status, body } = await fetchWithin(url, timeout)
      await body?.cancel()
      return { status }
    },
    findImage: createFindImage({ timeout, ...(credentials && { credentials }) }),
    certificateEnd: (url) => certificateEnd(url, timeout),
    lastSuccess: (url) => lastSuccess(url, timeout),
    alerts: (url, labels) => firingAlerts(url, labels, timeout),
    dashboard: (url, uid) => grafanaDashboard(url, uid, environment.grafanaToken, timeout),
    mayWriteSpace: (url, space) => mayWriteSpace(url, space, environment.confluenceCredentials, timeout),
    channel: async () => void (await findChannel(slack, config.slack.channel)),
    ...(forService && { onCall: async () => [...new Set((await forService()).map(({ name }) => name))] }),
  }
}
