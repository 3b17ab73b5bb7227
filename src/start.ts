import { randomUUID } from 'node:crypto'
import { runAppLoop } from './app-loop.ts'
import { buildWorld } from './build-world.ts'
import { systemClock } from './clock.ts'
import { loadKubeConfig } from './cluster/kube-config.ts'
import type { Config } from './config/config.ts'
import type { Environment } from './config/environment.ts'
import { createDependencies } from './dependencies.ts'
import { SlipwayError } from './errors.ts'
import { followChannel } from './follow-channel.ts'
import { createHandlers } from './handlers.ts'
import { createAlertHook } from './http/alertmanager.ts'
import { metricsText } from './http/metrics-text.ts'
import { startHttp } from './http/server.ts'
import { answerAlert, endAlert } from './jobs/answer-alert.ts'
import { bystander, refuseWhileDriving } from './jobs/bystander.ts'
import { createEmergency } from './jobs/emergency.ts'
import { createQueues, startWorkers } from './jobs/queues.ts'
import { runWatchLoop } from './jobs/watch-loop.ts'
import { keepFor } from './keep-for.ts'
import { keepSynced } from './keep-synced.ts'
import { createAnswers } from './ledger/answers.ts'
import { connect } from './ledger/connect.ts'
import { createDurable } from './ledger/durable.ts'
import { keysOf } from './ledger/keys.ts'
import { createPace } from './ledger/pace.ts'
import { createRecordLater } from './ledger/record-later.ts'
import { createRecordLines } from './ledger/record-lines.ts'
import { redisPatience } from './ledger/redis.ts'
import { createReports } from './ledger/reports.ts'
import { createLog } from './log.ts'
import { lookOutside } from './outside/look-outside.ts'
import { createOnCall } from './paging/on-call.ts'
import { createReadiness } from './readiness/readiness.ts'
import { createSink } from './records/create-sink.ts'
import { createWrittenRecord } from './records/written-record.ts'
import type { Role } from './role.ts'
import { createSharedClock, redisTime } from './shared-clock.ts'
import { createClient, findChannel } from './slack/app.ts'
import { createFrontDesk } from './slack/desk.ts'
import { createLook } from './slack/look.ts'
import { createMessenger } from './slack/messenger.ts'
import { type OpenReception, openReception } from './slack/open-reception.ts'
import { createReach } from './slack/reach.ts'
import { createSlackPeople } from './slack/slack-people.ts'
import { watchDependencies } from './watch-dependencies.ts'

/** How long the rest of the parts may take to close, in ms. */
const closeWithin = 4_000

/** Puts the parts of a role together and runs them until the signal; stops them in order, within 12 s. */
export async function start(config: Config, environment: Environment, role: Role, signal: AbortSignal): Promise<void> {
  const [isApp, isWorker] = [role !== 'worker', role !== 'app']
  if (config.alertmanager !== undefined && environment.alertmanagerToken === undefined) {
    const mistakes = 'SLIPWAY_ALERTMANAGER_TOKEN is missing, expected it as the configuration has alertmanager'
    throw new SlipwayError('environment-invalid', { mistakes })
  }
  const scheduled = Object.keys(config.roles).find((name) => config.roles[name]?.schedule !== undefined)
  if (scheduled !== undefined && environment.pagerduty.apiToken === undefined) {
    const mistakes = `PAGERDUTY_API_TOKEN is missing, expected it as roles.${scheduled} has a schedule`
    throw new SlipwayError('environment-invalid', { mistakes })
  }
  // Before anything is open, so that the process ends when there is none.
  const kubeConfig = loadKubeConfig()
  const log = createLog(environment.logLevel, config.service)
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
  await Promise.race([redis.connect().then(() => clock.sync()), late]).catch(() => undefined)
  // The queues' library asks the machine's clock when a job is due: a jump of it would hold jobs back.
  Date.now = clock.now
  const synced = keepSynced(clock, log, signal)

  const queues = createQueues(redisUrl, keys.queues)
  const client = createClient(environment.slack, config.slack.timeout)
  let reception: OpenReception | undefined
  const reach = isApp ? createReach(client, () => reception?.isListening() ?? false) : null
  const durable = createDurable(redis, redisUrl, keys.durable, () => performance.now())
  const pace = createPace(redis, keys, environment.slackPace)
  const onCall = createOnCall(config, environment.pagerduty)
  const people = createSlackPeople(client, config.roles, clock, onCall)
  const parts = { config, environment, kubeConfig, clock, log, redis, keys, queues, pace, people, reach, durable }
  const { world, acting } = buildWorld(parts)
  if (acting === null) {
    // Redis away: nothing is known to be under way.
    const driving = await refuseWhileDriving(world).catch((error: unknown) => error)
    if (driving instanceof SlipwayError && driving.code === 'config-mode') {
      await queues.close()
      redis.disconnect()
      throw driving
    }
  }
  const emergency = acting === null ? bystander : createEmergency(acting)
  const dependencies = createDependencies(clock, log, { isApp, isWorker })
  const alertHook =
    config.alertmanager !== undefined &&
    environment.alertmanagerToken !== undefined &&
    createAlertHook({
      token: environment.alertmanagerToken,
      mappings: config.alertmanager.alerts,
      answer: (alert) => answerAlert(world, emergency, alert),
      end: (alert) => endAlert(world, alert),
      log,
    })
  const http = await startHttp({
    port: environment.httpPort,
    checks: async () => dependencies.checks(),
    metricsText: async () => metricsText(config.service, dependencies.checks(), world.rollouts.known()),
    ...(alertHook && { hooks: { '/alertmanager': alertHook } }),
  })

  let channel: string | undefined
  const onChannel = (id: string) => {
    channel = id
  }
  const messenger = createMessenger(
    client,
    () => {
      if (channel === undefined) throw new SlipwayError('slack-unreachable', { method: 'conversations.list' })
      return channel
    },
    pace,
  )
  const reports = createReports(redis, keys, durable)
  if (isApp) {
    const look = createLook(world, reports, dependencies.away)
    const recordLater = createRecordLater(world.record, clock)
    const desk = createFrontDesk(queues, emergency, messenger, config.service, look, recordLater)
    const options = { client, environment: environment.slack, config, desk, look, clock, log, dependencies, signal }
    reception = openReception(options, onChannel)
  } else void followChannel(() => findChannel(client, config.slack.channel), { clock, dependencies }, signal, onChannel)
  const checkReadiness = createReadiness(
    world,
    lookOutside({ kubeConfig, config, environment, redis, slack: client, onCall }),
  )
  const answers = createAnswers(redis, keys)
  const sink = createSink(config.record.sink, environment.storage, randomUUID)
  const writtenRecord = createWrittenRecord(config.service, createRecordLines(redis, keys), sink)
  const doing = { world, acting, queues, messenger, reports, checkReadiness, answers, writtenRecord, dependencies }
  const handlers = createHandlers(doing)
  const workers = isWorker ? startWorkers(redisUrl, keys.queues, handlers, log) : undefined
  const keeping = isWorker ? keepFor(world, redis, keys, signal) : undefined
  const watching = watchDependencies({ world, redis, dependencies }, signal)
  log.info({ role, version: process.version, channel: config.slack.channel }, 'Slipway is up')

  await (isWorker ? runWatchLoop(world, acting, queues, emergency, signal) : runAppLoop(world, emergency, signal))
  log.info({}, 'stopping: no new work is taken')
  await workers?.close()
  const rest = [reception?.close(), queues.close(), http.close(), synced, watching, keeping]
  await Promise.race([Promise.all(rest), clock.wait(closeWithin)])
  redis.disconnect()
}
