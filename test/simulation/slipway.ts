import { clusterOver } from '../../src/cluster/cluster.ts'
import { ownBreakGlassOver } from '../../src/cluster/own-break-glass.ts'
import { createHandlers } from '../../src/handlers.ts'
import { createEmergency } from '../../src/jobs/emergency.ts'
import { holdsAt } from '../../src/jobs/holds.ts'
import { projectionsOf } from '../../src/jobs/projections.ts'
import { startJobsAnd } from '../../src/jobs/starter.ts'
import { runWatchLoop } from '../../src/jobs/watch-loop.ts'
import type { ActingWorld } from '../../src/jobs/world.ts'
import { keepSynced } from '../../src/keep-synced.ts'
import { createRecordLater } from '../../src/ledger/record-later.ts'
import { redisPatience } from '../../src/ledger/redis.ts'
import { createRollouts, type Rollouts } from '../../src/ledger/rollouts.ts'
import type { ReadinessRequest } from '../../src/readiness/readiness.ts'
import { createWrittenRecord } from '../../src/records/written-record.ts'
import type { Job, Projection } from '../../src/rollout/effects.ts'
import { createFrontDesk, type FrontDesk } from '../../src/slack/desk.ts'
import { createMemoryLocks } from '../ledger/memory-locks.ts'
import { createMemoryRecord } from '../ledger/memory-record.ts'
import { sampleReport } from '../readiness/sample-report.ts'
import { createClient } from './cluster/client.ts'
import type { Outside } from './outside.ts'
import { createPeople } from './ports/people.ts'
import { createMetrics } from './ports/prometheus.ts'
import { createReach } from './ports/reach.ts'
import type { SimulatedProcess } from './process.ts'
import { createBeside } from './redis/beside.ts'
import { callRedis } from './redis/call.ts'
import { createCursors } from './redis/cursors.ts'
import { createLeases } from './redis/leases.ts'
import { createLedger } from './redis/ledger.ts'
import { createPace } from './redis/pace.ts'
import { createQueues } from './redis/queues.ts'
import { createReports } from './redis/reports.ts'
import { configFor } from './spec.ts'

/** Time between two rounds of the watch loop, in ms: longer than in a real process, to save steps. */
const round = 4_000

/** A running Slipway. */
export interface Slipway {
  readonly process: SimulatedProcess
  readonly desk: FrontDesk
  readonly rollouts: Rollouts
}

/** Puts the real parts together over simulated ports, as src/start.ts does over real ones, and lets them run. */
export function startSlipway(process: SimulatedProcess, outside: Outside): Slipway {
  const { redis, timeline, witness, api, slack, pagerduty, service, workshop, trace, newId } = outside
  const { clock } = process
  const config = configFor(outside.scenario.weights)
  const queues = createQueues(process, workshop)
  const log = (level: string) => (fields: object, message: string) =>
    trace(() => `${process.name} ${level} ${message}${'err' in fields ? `: ${String(fields.err)}` : ''}`)
  const ledger = createLedger(redis, process, witness)
  const locks = createMemoryLocks(
    () => redis.data,
    (name, act) => callRedis(process, name, act),
  )
  const onAppended = async (rollout: number, jobs: readonly Job[], concerned: readonly Projection[]) => {
    try {
      await startJobsAnd(queues, jobs, () => queues.startProjections(rollout, projectionsOf(config, concerned)))
    } catch {
      outside.faults.meet('jobs not started')
    }
  }
  const rollouts = createRollouts(config.service, ledger, onAppended, (at) => holdsAt({ config, locks }, at))
  const client = createClient(process, api, 'slipway')
  const cluster = clusterOver(client, { config: config.cluster, service: config.service, clock })
  const world: ActingWorld = {
    config,
    clock,
    newId,
    log: { info: log('info'), warn: log('warn'), error: log('ERROR') },
    rollouts,
    locks,
    record: createMemoryRecord(
      config.service,
      () => redis.data,
      (name, act) => callRedis(process, name, act),
    ),
    beside: createBeside(redis, process, witness),
    cursors: createCursors(redis, process),
    leases: createLeases(redis, process, timeline, newId),
    pace: createPace(redis, process, timeline),
    cluster,
    breakGlass: ownBreakGlassOver(() => client, { config, clock, cluster, known: () => rollouts.known() }),
    metrics: createMetrics(process, service, witness),
    paging: pagerduty.paging(process),
    people: createPeople(process),
    reach: createReach(process),
  }
  const messenger = slack.messenger(process)
  const recordLater = createRecordLater(world.record, clock)
  const emergency = createEmergency(world)
  const reports = createReports(redis, process)
  const look = { fromMemory: () => '', barred: async () => null }
  // Reports are there already: `people/team.ts`.
  const checkReadiness = async ({ version }: ReadinessRequest) =>
    sampleReport(version, clock.now() + 1_800_000, undefined, config)
  const dependencies = { away: () => [] }
  // Nobody sits at a terminal here.
  const answers = { leave: async () => undefined }
  const recordLines = { ledger: async () => [], record: async () => [] }
  const writtenRecord = createWrittenRecord(config.service, recordLines, null)
  const handlers = createHandlers({
    world,
    acting: world,
    queues,
    messenger,
    reports,
    checkReadiness,
    answers,
    writtenRecord,
    dependencies,
  })
  const { signal } = new AbortController()
  const stopped = () => outside.fault(`the watch loop of ${process.name} ended`)
  const work = () => {
    workshop.hire({ process, handlers })
    runWatchLoop(world, world, queues, emergency, signal, round).then(stopped, stopped)
  }
  const { shared } = process
  if (shared === null) work()
  else {
    // As in src/start.ts: Redis is asked for the time first, but not waited for without end.
    const asked = shared.sync().catch(() => null)
    void Promise.race([asked, clock.wait(redisPatience)]).then(() => {
      work()
      void keepSynced({ ...shared, wait: clock.wait }, world.log, signal)
    })
  }
  return {
    process,
    desk: createFrontDesk(queues, emergency, messenger, config.service, look, recordLater),
    rollouts,
  }
}
