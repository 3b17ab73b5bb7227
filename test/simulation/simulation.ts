import type { Track } from '../../src/rollout/plan.ts'
import { createApi, labelsOf } from './cluster/api.ts'
import { createPods, type PodHealth } from './cluster/kubelet.ts'
import { createRequestFlow } from './cluster/traffic.ts'
import { createFaults, isWithin } from './faults.ts'
import { createFleet } from './fleet.ts'
import { captureJournal } from './journal.ts'
import type { JournalLine, Outside } from './outside.ts'
import { planHandChange, planTerminal } from './people/by-hand.ts'
import { createDelivery } from './people/delivery.ts'
import { createTeam } from './people/team.ts'
import { createPagerDuty } from './ports/pagerduty.ts'
import { createSlack } from './ports/slack.ts'
import { createRandom } from './random.ts'
import { emptyRedis, type Redis } from './redis/data.ts'
import { planRedisLoss } from './redis/loss.ts'
import { createWorkshop } from './redis/workshop.ts'
import { createRules } from './rules/index.ts'
import { scenarioOf } from './scenario.ts'
import { createService } from './service.ts'
import { isAtRest } from './settle.ts'
import { began, config, stableSize } from './spec.ts'
import { createTimeline } from './timeline.ts'
import { createTrace } from './trace.ts'
import { createWitness } from './witness.ts'

/** How one run went. */
export interface Result {
  readonly seed: number
  readonly steps: number
  /** Virtual time, in ms. */
  readonly lasted: number
  /** How each rollout ended, or where it stood. */
  readonly ends: readonly string[]
  readonly met: ReadonlyMap<string, number>
  /** The rule that was broken, and how; null when all held. */
  readonly broken: { readonly rule: string; readonly how: string } | null
  /** One line a step; empty unless it was asked for. */
  readonly trace: readonly string[]
}

/** After the faults have ended, a run gets this long to come to rest, in ms. */
const limit = 600_000

/** People press nothing more this long before the end (ms), so that what they asked for last can be told. */
const evening = 30_000

/** Runs one seed from beginning to end. */
export async function simulate(seed: number, traced = false): Promise<Result> {
  const scenario = scenarioOf(seed)
  const timeline = createTimeline(began)
  const random = createRandom(seed)
  const { lines, trace: keep } = createTrace(() => timeline.now, began)
  const trace = traced ? keep : () => undefined
  let broken: Result['broken'] = null
  const fault = (how: string, rule = 'no-fault-of-its-own') => {
    broken ??= { rule, how }
  }
  const faults = createFaults(scenario, timeline, random, began)
  const witness = createWitness(trace, (rule, how) => fault(how, rule))
  const redis: Redis = { data: emptyRedis() }
  const workshop = createWorkshop(redis, timeline, random, trace)
  const flow = createRequestFlow(timeline, 0)
  const journal: JournalLine[] = []
  const empty = new Map<Track, number>([['green', began]])
  let ids = 0

  const health = (track: Track) => (): PodHealth => {
    const at = timeline.now - began
    const found = scenario.podTroubles.filter((t) => t.track === track && isWithin(t, at))
    return { unready: Math.max(0, ...found.map((t) => (t.stuck ? 0 : t.share))), stuck: found.some((t) => t.stuck) }
  }
  const pods = (track: Track) => createPods(timeline, random, track, labelsOf(track), health(track))
  const image = (version: string) => config.image.replaceAll('{version}', version)
  const api = createApi(
    { blue: pods('blue'), green: pods('green') },
    { blue: image('5.0.0'), green: image('4.9.0') },
    { blue: stableSize, green: 0 },
    {
      routeWritten(manager, before, after) {
        if (before.weights.green !== after.weights.green) flow.route(after.weights.green / 100, random.int(0, 3_000))
        witness.routeWritten(manager, before, after)
      },
      sized(manager, track, before, after) {
        if (after.replicas > 0) empty.delete(track)
        else if (!empty.has(track)) empty.set(track, timeline.now)
        witness.sized(manager, track, before, after)
      },
    },
  )
  const canary = () => witness.stateOf(redis.data.latest)?.parts?.canary ?? 'green'
  const service = createService({
    scenario,
    timeline,
    random,
    faults,
    flow,
    began,
    canary,
    emptySince: (track) => empty.get(track) ?? null,
  })
  const slack = createSlack(() => timeline.now, random, trace)
  const pagerduty = createPagerDuty((key) => witness.incidentOpened(key))
  const newId = () => {
    ids += 1
    return `id-${ids}`
  }
  const outside: Outside = {
    ...{
      scenario,
      began,
      timeline,
      random,
      faults,
      trace,
      newId,
      redis,
      workshop,
      api,
      flow,
      service,
      slack,
      pagerduty,
    },
    ...{ witness, journal, fault },
  }
  const fleet = createFleet(outside)
  const delivery = createDelivery(outside, fleet.running)
  const end = began + scenario.faultsUntil + limit
  createTeam(outside, delivery, end - evening)
  witness.watchedBy(createRules({ outside, fleet, delivery }))
  for (const change of scenario.handChanges) planHandChange(outside, change)
  for (const at of scenario.terminalAt) planTerminal(outside, at)
  for (const loss of scenario.redisLosses) planRedisLoss(outside, delivery, loss)
  const release = captureJournal((line) => journal.push(line))

  try {
    await timeline.run(() => {
      witness.stepped()
      return broken !== null || timeline.now >= end || isAtRest(outside)
    })
  } finally {
    release()
  }
  if (broken === null) witness.settled()
  const ends = [...witness.ledgers.keys()].map((rollout) => witness.stateOf(rollout)?.stage ?? 'lost')
  return { seed, steps: timeline.steps, lasted: timeline.now - began, ends, met: faults.met, broken, trace: lines }
}
