import { SlipwayError } from '../errors.ts'
import { canarySize, type Phase, type Track } from '../rollout/plan.ts'
import { gateClosedBy } from '../rollout/sign-off.ts'
import { sizeIn } from '../rollout/size-in.ts'
import { orderOf, type Parts, phaseOf, type State } from '../rollout/state.ts'
import { troubleLasts } from './failing-pods.ts'
import { tellImageIds } from './image-ids.ts'
import { againstMore, isHeldNow } from './kept-from-rising.ts'
import { own } from './outcome.ts'
import { hasReady } from './ready-pods.ts'
import { isWaitingFor, step } from './step.ts'
import { isStillSigned } from './still-signed.ts'
import type { World } from './world.ts'

/** Time between two looks at the cluster while pods start. */
const poll = 500

/** Sizes the canary, waits until it is ready, shifts the weight and reads it back. */
export const shift = step('shift', async (world, state) => {
  const { parts } = state
  const phase = phaseOf(state, state.phase)
  if (parts === undefined || phase === undefined) throw new Error('a phase is shifted only after preparation')
  // Sizing, too: it would write over somebody else's change before anybody has decided about it.
  if (gateClosedBy(state) !== null) return
  // Held first: whoever is told that the sign-offs have lapsed, and lets it go on, does not know of a freeze or a lock by that.
  if ((await isHeldNow(world, state)) || !(await isStillSigned(world, state))) return
  const order = orderOf(state, state.phaseVersion)
  const begun = world.clock.now()
  // Before there are more pods than an autoscaler would leave. Stable's again: somebody may have set it back, and its autoscaler may have made
  // it larger for what it carries now, which a rollback brings back to it.
  const { replicas: present } = (await world.cluster.view()).tracks[parts.stable]
  const stableSize = Math.max(parts.stableSize, present)
  const replicas = await orderedSize(world, state, parts, phase, stableSize)
  await world.cluster.pin(parts.stable, stableSize, order)
  await world.cluster.pin(parts.canary, replicas, order)
  // A track is never made smaller on the way forward: somebody may have given it traffic, or an autoscaler pods.
  await world.cluster.size(parts.canary, { image: state.spec.image, replicas, atLeast: true }, order)
  if (!(await becomesReady(world, state, replicas))) return
  const ms = world.clock.now() - begun
  await world.rollouts.execute(
    state.rollout,
    own(world, { type: 'record-canary-ready', phase: phase.number, replicas, ms }),
  )
  const openAt = await gateOpens(world, state, parts.canary)
  if (openAt === null) return
  // A process that stands still after this (a paused machine) must not write what has been locked or paused meanwhile.
  const until = openAt + 2 * world.config.cluster.timeout
  const { steps } = await world.cluster.shift(parts.canary, phase.weight, state.weight, { ...order, until })
  const shifted = {
    type: 'record-shifted',
    phase: phase.number,
    from: state.weight,
    weight: phase.weight,
    steps,
  } as const
  await world.rollouts.execute(state.rollout, own(world, shifted))
})

/**
 * The canary's pods for the load of this moment, which stable has pods for: never fewer than signed for, and beyond that no more than
 * its autoscaler leaves it. Once they were ready that many stay ordered: another try must not change what is on record.
 */
async function orderedSize(world: World, state: State, parts: Parts, phase: Phase, present: number): Promise<number> {
  const fewest = sizeIn(state, parts, phase)
  if (state.canaryReadyPhase === phase.number) return fewest
  const maximums = (await world.cluster.autoscalers())
    .filter(({ track }) => track === parts.canary)
    .map((one) => one.maximum)
  // Those of the phase before stay, also where stable has become smaller: they are on record as they stand.
  const kept = state.canaryReplicas ?? 0
  return Math.max(fewest, kept, Math.min(canarySize(phase, present, state.spec.headroom), ...maximums))
}

/** False when the ledger no longer waits for this shift (a rollback, a pause). */
async function becomesReady(world: World, state: State, replicas: number): Promise<boolean> {
  const { clock, cluster } = world
  const canary = state.parts?.canary ?? 'green'
  const deadline = clock.now() + state.spec.readyWithin
  let troubleSince: number | null = null
  for (;;) {
    const track = (await cluster.view()).tracks[canary]
    if (track.image === state.spec.image && hasReady(track, replicas)) return true
    troubleSince = track.problem === undefined ? null : (troubleSince ?? clock.now())
    if (track.problem !== undefined && troubleSince !== null && clock.now() - troubleSince >= troubleLasts) {
      const { pod, reason, message } = track.problem
      throw new SlipwayError('canary-not-ready', { pod, reason, message, log: await cluster.lastLines(track.problem) })
    }
    if (clock.now() >= deadline) {
      const after = `${Math.round(state.spec.readyWithin / 1000)} s`
      throw new SlipwayError('canary-slow', { ready: track.ready, wanted: replicas, old: track.oldReady, after })
    }
    await clock.wait(poll)
    if (!(await stillWanted(world, state))) return false
  }
}

/**
 * Pause, drift, blindness, a freeze, a lock, a limit that is broken right now and a canary whose numbers are missing right now keep the weight
 * where it is, until they are gone; pods of another image than was signed for stop the phase. Returns since when it is known that none of
 * them holds (ms since 1970), or null when the ledger no longer waits for this shift.
 */
async function gateOpens(world: World, state: State, canary: Track): Promise<number | null> {
  for (;;) {
    const at = world.clock.now()
    const now = await world.rollouts.load(state.rollout)
    if (now === null || !isWaitingFor('shift', now) || now.phaseVersion !== state.phaseVersion) return null
    // What reopens this gate (`drift-gone`, `sight-regained`, `resumed`) starts the job again.
    // After a freeze, a lock or a silence the sweep starts it again.
    if (gateClosedBy(now) !== null || (await isHeldNow(world, now))) return null
    if (!(await isStillSigned(world, now))) return null
    if ((await againstMore(world, now, now.weight)) === null) {
      // Last of all: new pods, also of the last minutes' wait, may have pulled something else than those that were there when it was signed.
      const { tracks } = await world.cluster.view()
      if (!(await tellImageIds(world, now, tracks[canary]))) return at
      continue
    }
    await world.clock.wait(poll)
  }
}

async function stillWanted(world: World, state: State): Promise<boolean> {
  const now = await world.rollouts.load(state.rollout)
  return now !== null && isWaitingFor('shift', now) && now.phaseVersion === state.phaseVersion
}
