import { isDeepStrictEqual } from 'node:util'
import { KubeConfig } from '@kubernetes/client-node'
import { z } from 'zod'
import { systemClock } from '../../../src/clock.ts'
import { createCluster } from '../../../src/cluster/cluster.ts'
import type { ClusterView } from '../../../src/jobs/ports.ts'
import type { Event, EventType } from '../../../src/rollout/events.ts'
import { evolve } from '../../../src/rollout/evolve.ts'
import type { State } from '../../../src/rollout/state.ts'
import type { Exit } from '../../../src/sandbox/child.ts'
import type { RefusedCall } from '../../../src/sandbox/strict-slack/strict-slack.ts'
import { until } from '../../../src/sandbox/until.ts'
import type { World } from '../../../src/sandbox/world.ts'
import { expectedIds } from '../story.ts'
import type { Lane } from './lane.ts'
import { eventIdsOf } from './messages.ts'
import type { Plan } from './plan.ts'

/** What a run left, beside what stands in the world. */
export interface Facts {
  readonly plan: Plan
  readonly rollout: number
  readonly events: readonly Event[]
  /** What each process printed during the run. */
  readonly logs: Readonly<Record<string, string>>
  /** When the canary was broken. */
  readonly broke: number | null
  /** Requests that were lost during the run. */
  readonly lost: number
  readonly crashes: readonly Exit[]
  /** What Slack refused during the run. */
  readonly refused: readonly RefusedCall[]
}

/** Nothing of this may come of faults that pass: it would need a person, or means that something was lost. */
const neverTold: readonly EventType[] = [
  'rollout-found',
  'record-lost',
  'superseded',
  'step-failed',
  'drift-found',
  'decision-awaited',
  'sign-off-expired',
  'sign-off-rejected',
  'clean-up-held',
  'recovery-not-seen',
  'blind-too-long',
  'slack-away-too-long',
]
/** What may follow the end of a rollout. */
const afterwards: readonly EventType[] = [
  // Taken back without Redis: another process has told of the closed mark before this one could tell why.
  'breach-confirmed',
  'traffic-verified',
  'cleaned-up',
  'stable-recovered',
  'page-sent',
  'page-resolved',
  'slack-back',
]

/** Everything that is not as it should be after a run, in words. */
export async function problemsOf(lane: Lane, facts: Facts): Promise<readonly string[]> {
  const state = facts.events.reduce<State | null>(evolve, null)
  if (state === null) return ['the rollout was never started']
  return [
    ...endProblems(facts, state),
    ...ledgerProblems(facts),
    ...(await threadProblems(lane.world, facts)),
    ...(await pageProblems(lane.world, state)),
    ...(await clusterProblems(lane.world, state)),
    ...processProblems(facts),
    ...journalProblems(facts),
    ...refusedProblems(facts),
    ...recordProblems(facts),
    ...(facts.lost > 0 ? [`${facts.lost} requests were lost`] : []),
  ]
}

function endProblems({ plan, events, broke }: Facts, state: State): readonly string[] {
  const wanted = plan.course.kind === 'complete' ? 'complete' : 'rolled-back'
  if (state.stage === wanted) return causeProblems(plan, state)
  const completedAt = events.find((event) => event.type === 'completed')?.at ?? 0
  // Ordered in the last moments of the window, with Slack away: it may come too late.
  const late = plan.course.kind === 'rollback' && plan.course.phase === 2 && state.stage === 'complete'
  const tooLate = broke !== null && completedAt !== 0 && completedAt - broke < 1_500
  return late || tooLate ? [] : [`it ended ${state.stage}, expected ${wanted}`]
}

function causeProblems({ course }: Plan, { rollback }: State): readonly string[] {
  if (rollback === undefined) return []
  const causes = course.kind === 'breach' ? ['breach', 'break-glass'] : ['person', 'break-glass']
  return causes.includes(rollback.cause) ? [] : [`rolled back because of ${rollback.cause}, expected ${causes[0]}`]
}

function ledgerProblems({ events }: Facts): readonly string[] {
  const problems: string[] = []
  events.forEach((event, i) => {
    if (event.version !== i + 1) problems.push(`event ${i + 1} says that it is ${event.version}`)
    if (neverTold.includes(event.type)) problems.push(`the ledger holds ${event.type}: ${JSON.stringify(event)}`)
  })
  const end = events.findIndex(({ type }) => type === 'completed' || type === 'weights-restored')
  const after = end < 0 ? [] : events.slice(end + 1)
  for (const { type } of after) if (!afterwards.includes(type)) problems.push(`${type} after the end`)
  const ordered = events.findIndex(({ type }) => type === 'rollback-ordered')
  if (ordered >= 0 && events.slice(ordered).some(({ type }) => type === 'traffic-shifted'))
    problems.push('the weight rose after a rollback was ordered')
  for (const phase of [1, 2]) {
    const shifts = events.filter((event) => event.type === 'traffic-shifted' && event.phase === phase)
    if (shifts.length > 1) problems.push(`phase ${phase} was shifted ${shifts.length} times`)
  }
  return problems
}

/** Every announcement is there once and in order: in the thread, and nowhere else. */
async function threadProblems(world: World, { events, rollout }: Facts): Promise<readonly string[]> {
  const ours = `event/${world.config.service}/${rollout}/`
  const wanted = [`${ours}1`, ...expectedIds(events)]
  const shown = async () => {
    const messages = await world.slack.messages()
    const root = messages.find((message) => eventIdsOf(message).includes(`${ours}1`))
    const outside = messages.filter((m) => m.thread_ts !== root?.ts && m !== root && m.subtype !== 'ephemeral')
    return {
      ids: messages.flatMap(eventIdsOf).filter((id) => id.startsWith(ours)),
      outside: outside.flatMap(eventIdsOf).filter((id) => id.startsWith(ours)),
    }
  }
  await until(async () => ((await shown()).ids.length >= wanted.length ? true : undefined), 60_000, 100)
  const { ids, outside } = await shown()
  return [
    ...(isDeepStrictEqual(ids, wanted) ? [] : [`told ${ids.join(' ')}\n  expected ${wanted.join(' ')}`]),
    ...outside.map((id) => `${id} stands outside of the thread`),
  ]
}

/** One incident for every page of the ledger, resolved as it says. */
async function pageProblems(world: World, state: State): Promise<readonly string[]> {
  const ours = `${state.service}/${state.rollout}/`
  const compare = () => {
    const incidents = world.pagerduty.incidents().filter(({ key }) => key.startsWith(ours))
    const found = incidents.map(({ key, status }) => `${key} ${status}`).sort()
    const wanted = state.pages.map(({ key, resolved }) => `${key} ${resolved ? 'resolved' : 'triggered'}`).sort()
    return isDeepStrictEqual(found, wanted) ? null : `incidents: ${found.join(', ')}; expected ${wanted.join(', ')}`
  }
  // PagerDuty works on what it was given for a moment.
  await until(() => (compare() === null ? true : undefined), 20_000, 50)
  const different = compare()
  const open = state.pages.filter(({ resolved }) => !resolved).map(({ key }) => `${key} was never resolved`)
  return [...(different === null ? [] : [different]), ...open]
}

async function clusterProblems(world: World, { stage, parts }: State): Promise<readonly string[]> {
  const { route, tracks } = await viewOf(world)
  if (parts === undefined) return []
  const [busy, idle] = stage === 'complete' ? [parts.canary, parts.stable] : [parts.stable, parts.canary]
  const found = `${busy} ${route.weights[busy]} % of ${tracks[busy].replicas}, ${idle} ${route.weights[idle]} % of ${tracks[idle].replicas}`
  const wanted = `${busy} 100 % of ${parts.stableSize}, ${idle} 0 % of 0`
  return found === wanted ? [] : [`the cluster has ${found}; expected ${wanted}`]
}

async function viewOf({ kubernetes, config }: World): Promise<ClusterView> {
  const kubeConfig = new KubeConfig()
  kubeConfig.loadFromFile(kubernetes.kubeconfig)
  // Whoever looks has more time than Slipway gives an API server that it can do without.
  const patient = { ...config.cluster, timeout: 30_000 }
  return createCluster({ kubeConfig, config: patient, service: config.service, clock: systemClock }).view()
}

const line = z.looseObject({ level: z.number(), msg: z.string().default('') })

/** A process that ended by itself, and lines that say that a person is needed: what heals itself is a warning. */
function processProblems({ crashes, logs }: Facts): readonly string[] {
  const errors = Object.entries(logs).flatMap(([name, text]) =>
    linesOf(text).flatMap((written) => {
      const parsed = line.safeParse(jsonOf(written))
      if (parsed.success) return parsed.data.level >= 50 ? [`${name} logged an error: ${parsed.data.msg}`] : []
      return isJournal(written) || isRecord(written) ? [] : [`${name} printed: ${written}`]
    }),
  )
  return [...crashes.map((exit) => `Slipway ended by itself: ${JSON.stringify(exit)}`), ...new Set(errors)]
}

/**
 * Nothing that Slipway does is refused, but for an edit of a message of the run before, which was cleared away, and for what comes too
 * fast when Redis, which holds the pace, was failed over.
 */
function refusedProblems({ refused }: Facts): readonly string[] {
  const counted = refused.filter(({ error }) => !['message_not_found', 'ratelimited'].includes(error))
  return counted.map(({ method, error }) => `Slack refused ${method}: ${error}`)
}

/** Every event is on some process's standard output (rule 9). */
function journalProblems({ events, logs, rollout }: Facts): readonly string[] {
  const written = new Set(
    Object.values(logs)
      .flatMap(linesOf)
      .filter(isJournal)
      .map((text) => journalLine.parse(jsonOf(text)))
      .filter((one) => one.rollout === rollout)
      .map((one) => one.version),
  )
  const missing = events.filter(({ version }) => !written.has(version))
  return missing.map(({ version, type }) => `the journal lacks event ${version} (${type})`)
}

/** Entries of the service's record are printed by several processes, also again after a crash: a place has one entry all the same. */
function recordProblems({ logs }: Facts): readonly string[] {
  const hashes = new Map<number, string>()
  const entries = Object.values(logs).flatMap(linesOf).filter(isRecord)
  return entries.flatMap((text) => {
    const { seq, hash } = recordLine.parse(jsonOf(text))
    const first = hashes.get(seq) ?? hash
    hashes.set(seq, first)
    return first === hash ? [] : [`the record holds two entries ${seq}`]
  })
}

const recordLine = z.looseObject({ record: z.literal(true), seq: z.number(), hash: z.string() })
const isRecord = (text: string) => recordLine.safeParse(jsonOf(text)).success
const journalLine = z.looseObject({ journal: z.literal(true), rollout: z.number(), version: z.number() })
const isJournal = (text: string) => journalLine.safeParse(jsonOf(text)).success
const linesOf = (text: string) => text.split('\n').filter((one) => one.trim() !== '')

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
