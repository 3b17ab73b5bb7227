import { randomUUID } from 'node:crypto'
import type { KubeConfig } from '@kubernetes/client-node'
import type { Redis } from 'ioredis'
import { createCluster, createClusterReader } from './cluster/cluster.ts'
import { createBreakGlass } from './cluster/own-break-glass.ts'
import type { Config } from './config/config.ts'
import type { Environment } from './config/environment.ts'
import { holdsAt } from './jobs/holds.ts'
import type { Clock, People, Reach } from './jobs/ports.ts'
import { projectionsOf } from './jobs/projections.ts'
import type { Queues } from './jobs/queues.ts'
import { startJobsAnd } from './jobs/starter.ts'
import type { ActingWorld, Log, World } from './jobs/world.ts'
import { createBeside } from './ledger/beside.ts'
import { createCursors } from './ledger/cursors.ts'
import type { Keys } from './ledger/keys.ts'
import { createLeases } from './ledger/leases.ts'
import { createLocks } from './ledger/locks.ts'
import type { Pace } from './ledger/pace.ts'
import { createRecord } from './ledger/record.ts'
import { createRedisLedger } from './ledger/redis-ledger.ts'
import { createRollouts } from './ledger/rollouts.ts'
import { createPrometheus } from './metrics/prometheus.ts'
import { createPagerDuty } from './paging/pagerduty.ts'

interface Parts {
  readonly config: Config
  readonly environment: Environment
  readonly kubeConfig: KubeConfig
  readonly clock: Clock
  readonly log: Log
  readonly redis: Redis
  readonly keys: Keys
  readonly queues: Queues
  readonly pace: Pace
  readonly people: People
  readonly reach: Reach | null
  readonly durable: () => Promise<void>
}

/** Everything a job may touch, as this process reaches it; `acting` is null where the configuration says `mode: observe`. */
export function buildWorld({
  config,
  environment,
  kubeConfig,
  clock,
  log,
  redis,
  keys,
  queues,
  pace,
  people,
  reach,
  durable,
}: Parts): { readonly world: World; readonly acting: ActingWorld | null } {
  const { service } = config
  const ledger = createRedisLedger(redis, service, keys, durable)
  const locks = createLocks(redis, keys, durable)
  const rollouts = createRollouts(
    service,
    ledger,
    async (rollout, jobs, concerned) => {
      try {
        await startJobsAnd(queues, jobs, () => queues.startProjections(rollout, projectionsOf(config, concerned)))
      } catch (error) {
        log.warn({ err: error, rollout }, 'jobs could not be started; the recovery sweep starts them')
      }
    },
    (at) => holdsAt({ config, locks }, at),
  )
  const { pagerduty } = environment
  const world: World = {
    config,
    clock,
    newId: randomUUID,
    log,
    rollouts,
    locks,
    record: createRecord(redis, service, keys, durable),
    beside: createBeside(redis, keys),
    cursors: createCursors(redis, keys, durable),
    leases: createLeases(redis, keys, randomUUID),
    pace,
    cluster: createClusterReader({ kubeConfig, config: config.cluster }),
    metrics: createPrometheus({
      url: environment.prometheusUrl ?? config.prometheus.url,
      timeout: config.prometheus.timeout,
      clock,
    }),
    paging: createPagerDuty({
      routingKey: pagerduty.routingKey.reveal(),
      servicePage: config.pagerduty.servicePage,
      timeout: config.pagerduty.timeout,
      source: service,
      clock,
      ...(pagerduty.apiToken && { apiToken: pagerduty.apiToken.reveal() }),
      ...(pagerduty.eventsHost && { eventsHost: pagerduty.eventsHost }),
      ...(pagerduty.apiHost && { apiHost: pagerduty.apiHost }),
    }),
    people,
    reach,
  }
  if (config.mode === 'observe') return { world, acting: null }
  const cluster = createCluster({ kubeConfig, config: config.cluster, service, clock })
  const breakGlass = createBreakGlass({ kubeConfig, config, clock, cluster, known: () => rollouts.known() })
  const acting = { ...world, cluster, breakGlass }
  return { world: acting, acting }
}
