import type { Outcome } from '../rollout/commands.ts'
import type { RolloutSpec, Track } from '../rollout/plan.ts'
import { drainedQuery } from '../rollout/query.ts'
import { endedAt, fenceOf, hadNoTraffic, isOver, lastOrder, type Parts, type State } from '../rollout/state.ts'
import { lookForEvidence } from './evidence.ts'
import { isAway, isPassing, tell } from './failure.ts'
import { idleBy, pauseInstead } from './idle.ts'
import { lastFence } from './last-fence.ts'
import { own } from './outcome.ts'
import type { RouteView } from './ports.ts'
import { requestsOf } from './requests.ts'
import type { RolloutJob } from './step.ts'
import type { ActingWorld, World } from './world.ts'

/** Time between two looks at the requests of a track that should get none. */
const poll = 1_000

/**
 * Scales the track that lost its traffic down, once it provably gets no requests and, where that is asked for, has no work left
 * (rule 5). While that is unknown the pods stay; after `pageAfter` a person is asked, and about what fails and won't pass by itself: at once, or
 * at the last try. Throws what passes, and at the last try, too, where something is away: it stays due, and the sweep starts it again.
 */
export const cleanUp: RolloutJob = async (world, rollout, last) => {
  const state = await world.rollouts.load(rollout)
  if (state === null || !isOver(state) || state.parts === undefined) return
  const { cleanUp: order, parts } = state
  if (order !== 'due' && order !== 'ordered') return
  const track = idleTrack(state)
  try {
    await scaleDown(world, state, parts, track, order)
  } catch (error) {
    if (isPassing(error) && (!last || isAway(error))) throw error
    const { code, what, todo } = tell(error)
    // Of what passes by itself the words say that Slipway goes on trying, which it does no more.
    const why = isPassing(error) ? what : `${what} ${todo}`
    if (code === 'newer-fence') {
      // Where a newer rollout has the cluster, nothing of this one is left to clean up.
      await lookForEvidence(world)
      // Another try, of a process that has read more of the record, was here: the next one goes by that.
      if ((await world.rollouts.load(rollout))?.version !== state.version) throw error
    }
    const held = { type: 'record-clean-up-held', track, why, order, failed: true } as const
    await world.rollouts.execute(rollout, own(world, held))
    world.log.warn({ err: error, rollout }, 'cleaning up failed; a person is asked')
  }
}

async function scaleDown(
  world: ActingWorld,
  state: State,
  parts: Parts,
  track: Track,
  order: 'due' | 'ordered',
): Promise<void> {
  const { rollout } = state
  if (order === 'due' && !(await becomesIdle(world, state, track))) return
  const { tracks, route } = await world.cluster.view()
  // Where a try that was not recorded has scaled it down, there are no pods left to ask about.
  const why = weightedBy(route, track) ?? (tracks[track].replicas > 0 ? sharedBy(route, track) : null)
  if (why !== null) {
    await world.rollouts.execute(rollout, own(world, { type: 'record-clean-up-held', track, why, order }))
    return
  }
  if (state.stage === 'complete') await swapParts(world, state, parts)
  const ours = fenceOf(state, state.version)
  // The last write of a rollout outranks whatever fence of its own the track carries: Redis may have come back older.
  await world.cluster.size(track, { replicas: 0 }, lastFence(ours, tracks[track].fence))
  const autoscalers = await world.cluster.unpin(ours)
  if (state.stage === 'complete') await tellGit(world, rollout)
  const unpinned = autoscalers.length === 0 ? {} : { autoscalers }
  await world.rollouts.execute(rollout, own(world, { type: 'record-cleaned-up', track, ...unpinned }))
}

/** What Git needs, once everything stands as it will: a tool that applies the old state would undo the release. */
async function tellGit(world: World, rollout: number): Promise<void> {
  const tools = await world.cluster.gitOps()
  if (tools.length === 0) return
  const changes = await world.cluster.gitChanges()
  const tool = tools.map((one) => (one.source === null ? one.tool : `${one.tool} (${one.source})`)).join(', ')
  await world.rollouts.execute(rollout, own(world, { type: 'record-git-behind', tool, changes }))
}

/**
 * From now on the new version is stable, on the cluster too: break-glass goes by the mark, and must not give the traffic to
 * a track that is about to have no pods.
 */
async function swapParts(world: ActingWorld, state: State, { stable, canary }: Parts): Promise<void> {
  const { service } = state
  await world.cluster.claim({ service, ...fenceOf(state, lastOrder(state)), stable: canary, canary: stable })
}

/** The track that the finished rollout leaves without traffic. */
function idleTrack(state: State): Track {
  const stable = state.parts?.stable ?? 'blue'
  const canary = state.parts?.canary ?? 'green'
  return state.stage === 'complete' ? stable : canary
}

async function becomesIdle(world: World, state: State, track: Track): Promise<boolean> {
  const { clock, rollouts } = world
  const { rollout, spec } = state
  const record = (outcome: Outcome) => rollouts.execute(rollout, own(world, outcome))
  const since = endedAt(state) ?? clock.now()
  // Somebody who has it tried again is not asked anew by the first look.
  const asks = (state.cleanUpSince ?? since) + spec.pageAfter
  for (;;) {
    const { tracks, route } = await world.cluster.view()
    // Scaled down by a try that did not come to record it: pods that are gone count no requests, not even 0.
    if (tracks[track].replicas === 0 && tracks[track].pods === 0) return true
    // A window that surely holds several scrapes: an empty answer must mean that the source is gone.
    const requests = await requestsOf(world, spec, track, spec.staleAfter)
    const ms = clock.now() - since
    const untouched = hadNoTraffic(state)
    const shared = sharedBy(route, track)
    const signs = { weight: route.weights[track], shared: shared !== null, requests, elapsed: ms, untouched }
    const idle = idleBy(signs, spec)
    if (idle === 'counted') await record({ type: 'record-traffic-verified', track })
    if (idle === 'pause') await record({ type: 'record-traffic-verified', track, pause: pauseInstead(spec) })
    const work = idle === null ? null : await workLeft(world, spec, track)
    if (idle !== null && work === null) return true
    if (spec.convergesWithin !== undefined && ms >= spec.convergesWithin && 'value' in requests && requests.value > 0)
      await record({ type: 'record-not-converged', track, weight: 0, share: null, ms })
    if (clock.now() >= asks) {
      const why =
        work ??
        weightedBy(route, track) ??
        shared ??
        ('missing' in requests ? `its requests are unknown (${requests.detail})` : 'it still gets requests')
      await record({ type: 'record-clean-up-held', track, why, order: 'due' })
      return false
    }
    await clock.wait(poll)
    const now = await rollouts.load(rollout)
    if (now?.cleanUp !== 'due') return false
  }
}

/** The share that the route gives to the track, in words; null when it gives it none. */
function weightedBy({ weights }: RouteView, track: Track): string | null {
  return weights[track] > 0 ? `the route gives it ${weights[track]} %` : null
}

/** Which other routes would be left without pods, in words; null when none would. */
function sharedBy({ others }: RouteView, track: Track): string | null {
  const names = others[track].join(', ')
  return names === '' ? null : `other routes send to it as well, and must stop first: ${names}`
}

/** What the track still works at, in words; null when that has left, or when nobody asks for it. What is unknown may be work. */
async function workLeft(world: World, spec: RolloutSpec, track: Track): Promise<string | null> {
  const query = drainedQuery(spec, track)
  if (query === null) return null
  const { atMost = 0 } = spec.drained ?? {}
  const work = await world.metrics.query(query, spec.staleAfter)
  if ('missing' in work) return `what it still works at is unknown (${work.detail})`
  return work.value <= atMost ? null : `it still has work: ${work.value}, at most ${atMost} wanted`
}
