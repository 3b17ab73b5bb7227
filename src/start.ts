import { randomUUID } from 'node:crypto'
import { KubeConfig } from '@kubernetes/client-node'
import { pino } from 'pino'
import { systemClock } from './clock.ts'
import { createCluster } from './cluster/cluster.ts'
import { createBreakGlass } from './cluster/own-break-glass.ts'
import type { Config } from './config/config.ts'
import type { Environment } from './config/environment.ts'
import { createDependencies } from './dependencies.ts'
import { createHandlers } from './handlers.ts'
import { metricsText } from './http/metrics-text.ts'
import { startHttp } from './http/server.ts'
import { createEmergency } from './jobs/emergency.ts'
import { createQueues, startWorkers } from './jobs/queues.ts'
import { runWatchLoop } from './jobs/watch-loop.ts'
import type { World } from './jobs/world.ts'
import { keepSynced } from './keep-synced.ts'
import { createBeside } from './ledger/beside.ts'
import { connect } from './ledger/connect.ts'
import { createCursors } from './ledger/cursors.ts'
import { createDurable } from './ledger/durable.ts'
import { keysOf } from './ledger/keys.ts'
import { createLeases } from './ledger/leases.ts'
import { redisPatience } from './ledger/redis.ts'
import { createRedisLedger } from './ledger/redis-ledger.ts'
import { createReports } from './ledger/reports.ts'
import { createRollouts } from './ledger/rollouts.ts'
import { createPrometheus } from './metrics/prometheus.ts'
import { createPagerDuty } from './paging/pagerduty.ts'
import { projections } from './rollout/effects.ts'
import { createSharedClock, redisTime } from './shared-clock.ts'
import { createClient } from './slack/app.ts'
import { createFrontDesk } from './slack/desk.ts'
import { createMessenger } from './slack/messenger.ts'
import { type OpenReception, openReception } from './slack/open-reception.ts'
import { createReach } from './slack/reach.ts'

/** Puts the parts together and runs them until the signal; stops them in order. */
export async function start(config: Config, environment: Environment, signal: AbortSignal): Promise<void> {
  const log = pino({ level: environment.logLevel, base: { service: config.service } })
  const keys = keysOf(config.service)
  const redisUrl = environment.redisUrl.reveal()
  const redis = connect(redisUrl, 'calls')
  const clock = createSharedClock({
    ask: () => redisTime(redis),
    monotonic: () => performance.now(),
    wall: systemClock.now,
  })
  // Asked first on every new connection: what is decided with it has the right time.
  redis.on('ready', () => void clock.sync().catch(() => undefined))
  // It goes on trying by itself; until then every call says that Redis does not answer.
  const late = clock.wait(redisPatience, signal).then(() => Promise.reject(new Error('no answer in time')))
  await Promise.race([redis.connect().then(() => clock.sync()), late]).catch(() =>
    log.warn({}, 'Redis does not answer yet; going on without it'),
  )
  // The queues' library asks the machine's clock when a job is due: a jump of it would hold jobs back.
  Date.now = clock.now
  const synced = keepSynced(clock, log, signal)

  const kubeConfig = new KubeConfig()
  kubeConfig.loadFromDefault()
  const queues = createQueues(redisUrl, keys.queues)
  const ledger = createRedisLedger(redis, config.service, keys, createDurable(redis, redisUrl))
  const rollouts = createRollouts(config.service, ledger, async (rollout, jobs) => {
    try {
      await queues.startJobs(jobs)
      await queues.startProjections(rollout, projections)
    } catch (error) {
      log.warn({ err: error, rollout }, 'jobs could not be started; the recovery sweep starts them')
    }
  })
  const client = createClient(environment.slack, config.slack.timeout)
  let reception: OpenReception | undefined
  const { pagerduty } = environment
  const cluster = createCluster({ kubeConfig, config: config.cluster, service: config.service, clock })
  const world: World = {
    config,
    clock,
    newId: randomUUID,
    log,
    rollouts,
    beside: createBeside(redis, keys),
    cursors: createCursors(redis, keys),
    leases: createLeases(redis, keys, randomUUID),
    cluster,
    breakGlass: createBreakGlass({ kubeConfig, config, clock, cluster, known: () => rollouts.known() }),
    metrics: createPrometheus({
      url: environment.prometheusUrl ?? config.prometheus.url,
      timeout: config.prometheus.timeout,
      clock,
    }),
    paging: createPagerDuty({
      routingKey: pagerduty.routingKey.reveal(),
      servicePage: config.pagerduty.servicePage,
      timeout: config.pagerduty.timeout,
      source: config.service,
      clock,
      ...(pagerduty.apiToken && { apiToken: pagerduty.apiToken.reveal() }),
      ...(pagerduty.eventsHost && { eventsHost: pagerduty.eventsHost }),
      ...(pagerduty.apiHost && { apiHost: pagerduty.apiHost }),
    }),
    reach: createReach(client, () => reception?.isListening() ?? false),
  }

  const dependencies = createDependencies(clock)
  let channel = ''
  const messenger = createMessenger(client, () => channel)
  const emergency = createEmergency(world)
  const desk = createFrontDesk(queues, emergency, messenger, config.service)

  const checks = () => ({ ...dependencies.checks(), redis: dependencies.told('redis', redis.status === 'ready') })
  const http = await startHttp({
    host: '0.0.0.0',
    port: environment.httpPort,
    checks: async () => checks(),
    metricsText: async () => metricsText(config.service, checks(), rollouts.known()),
  })
  reception = openReception(
    { client, environment: environment.slack, config, desk, clock, log, dependencies, signal },
    (id) => {
      channel = id
    },
  )
  const reports = createReports(redis, keys)
  const workers = startWorkers(redisUrl, keys.queues, createHandlers({ world, queues, messenger, reports }), log)
  log.info({ version: process.version, channel: config.slack.channel }, 'Slipway is up')

  await runWatchLoop(world, queues, emergency, signal)
  log.info({}, 'stopping: no new work is taken')
  await reception.close()
  await workers.close()
  await queues.close()
  await http.close()
  await synced
  redis.disconnect()
}
