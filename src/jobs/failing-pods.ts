import type { Evidence } from '../rollout/events.ts'
import { sizeIn } from '../rollout/size-in.ts'
import { isObserved, type Parts, phaseOf, type State, watchedPhase } from '../rollout/state.ts'
import { own } from './outcome.ts'
import type { ClusterView, PodProblem, TrackView } from './ports.ts'
import type { World } from './world.ts'

/** A pod's trouble must last this long (ms) to count: a first pull may fail once. */
export const troubleLasts = 5_000
/**
 * That no pod is ready, and none says why, must last this long (ms): a probe fails for a moment, a small canary's only pod is moved to another node.
 * A limit takes as long to be confirmed as most are: by 3 readings, 10 s apart.
 */
const emptyLasts = 20_000
/** Looks that are further apart than so many intervals say nothing about the time between them. */
const gap = 3

/** The pod finds no place. That is the cluster's trouble, as long as enough others serve. */
const withoutRoom = new Set(['Unschedulable', 'FailedCreate', 'ProgressDeadlineExceeded'])

/** Under which name it is kept since when pods have been failing, and when that was last seen (ms). */
const note = 'failing-pods'
/** What stands for a metric where pods are the evidence. */
const metric = 'failing pods'
/** Why none is ready, where no pod says it. */
const empty = 'NoReadyPods'

/**
 * Why the pods of a canary that has traffic are a breach as they stand, or null. While a phase shifts, its new pods have none yet: they keep
 * the step from going on instead, as long as those serve that the traffic is for.
 */
export function failingPod(state: State, { canary }: Parts, { tracks }: ClusterView): PodProblem | null {
  const { deployment, problem, ready, serving, replicas } = tracks[canary]
  if (serving === 0)
    return problem ?? { pod: deployment, reason: empty, message: `no pod is ready, ${replicas} wanted` }
  if (problem === undefined) return null
  const isSizing = state.stage === 'shifting' && state.canaryReadyPhase !== state.phase
  if (!isSizing && !withoutRoom.has(problem.reason)) return problem
  const { phase } = isSizing ? watchedPhase(state) : state
  return ready < (wantedPods(state, phase) ?? replicas) ? problem : null
}

/** Do pods of stable fail? Those that find no place don't, as long as enough others serve. */
export function stableFails({ stable, stableSize }: Parts, { tracks }: ClusterView): boolean {
  const { problem, ready, serving } = tracks[stable]
  if (serving === 0) return true
  return problem !== undefined && (!withoutRoom.has(problem.reason) || ready < stableSize)
}

/** How many pods a phase wants. An autoscaler may want more: those are not missed. */
function wantedPods(state: State, number: number): number | undefined {
  const phase = phaseOf(state, number)
  if (isObserved(state) || state.parts === undefined || phase === undefined) return undefined
  return sizeIn(state, state.parts, phase)
}

/** Pods of a canary with traffic that fail, and go on failing, are a breach: no limit has to be broken for it. */
export async function watchPods(world: World, state: State, parts: Parts, view: ClusterView): Promise<boolean> {
  const { rollout, spec } = state
  const { cursors, clock } = world
  const problem = failingPod(state, parts, view)
  const [since = 0, last = 0] = ((await cursors.note(rollout, note)) ?? '').split(' ').map(Number)
  const now = clock.now()
  if (problem === null) {
    if (since > 0) await cursors.keep(rollout, note, '')
    if (state.observation?.broken.includes(metric))
      await world.rollouts.execute(rollout, own(world, { type: 'record-recovered', metric, since: now }))
    return false
  }
  const failing = failingSince({ since, last }, now, spec.interval)
  await cursors.keep(rollout, note, `${failing} ${now}`)
  if (!isLasting(problem, now - failing)) return false
  const evidence = await podEvidence(world, problem, view.tracks[parts.stable])
  await world.rollouts.execute(rollout, own(world, { type: 'record-breach', evidence }))
  return true
}

/** Pods that fail, as looks have found them, in ms: since when, and when last. */
export interface Failing {
  readonly since: number
  readonly last: number
}

/** Since when pods that fail now have been failing: what was seen too long ago says nothing about the time between. */
export function failingSince({ since, last }: Failing, now: number, interval: number): number {
  return now - last <= gap * interval ? since : now
}

/** Has this trouble lasted for so long (`ms`) that it counts? */
export function isLasting({ reason }: PodProblem, ms: number): boolean {
  return ms >= (reason === empty ? emptyLasts : troubleLasts)
}

/** The failing pod as evidence, with its own words and the last lines of its log; and whether pods of stable fail, too. */
export async function podEvidence({ cluster }: World, problem: PodProblem, stable: TrackView): Promise<Evidence> {
  const { pod: name, reason, message } = problem
  const pod = { name, reason, message, log: [...(await cluster.lastLines(problem))] }
  const stableToo = stable.problem !== undefined || stable.serving === 0
  return { metric, value: null, query: '', readings: [], stableToo, pod }
}
