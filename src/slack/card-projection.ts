import { hash } from 'node:crypto'
import { isWithin } from '../clock.ts'
import { SlipwayError } from '../errors.ts'
import { holdsAt } from '../jobs/holds.ts'
import { soakKey, wanted } from '../jobs/watch.ts'
import type { World } from '../jobs/world.ts'
import type { Role } from '../rollout/plan.ts'
import type { Known } from '../rollout/quorum.ts'
import { requiredRoles } from '../rollout/sign-off.ts'
import { type State, watchedPhase } from '../rollout/state.ts'
import { card } from './blocks/card.ts'
import { createFallBack, type FallBack } from './fall-back.ts'
import type { Message } from './message.ts'
import { clocksDiffer, type Messenger } from './messenger.ts'
import { rootId } from './reference.ts'
import { formerRootsNote, rootNote } from './threads-of.ts'

/** How long the lease of a process that died keeps others waiting, in ms. An edit that two make is the same edit. */
const leaseFor = 5_000
const shownNote = 'card'
/** When a deleted card was begun to be posted again, in ms. */
const againNote = 'card-again'

/**
 * Brings a rollout's card up to date: always the newest state, whatever lies between. Returns `busy` when it must be tried
 * again: another process is at it, the card is not posted yet, or edits come too fast.
 */
export type ShowCard = (rollout: number) => Promise<'done' | 'busy'>

export function createCard(world: World, messenger: Messenger): ShowCard {
  const { clock, leases, pace } = world
  const fallBack = createFallBack(world)
  /** When a turn was refused, and how long it was then until the next one, in ms: before that a card would be made for nothing. */
  let refused = { at: Number.NEGATIVE_INFINITY, wait: 0 }

  const mustWait = () => isWithin(refused.wait, refused.at, clock.now())

  async function hasTurn(): Promise<boolean> {
    const wait = await pace.take('card')
    if (wait > 0) refused = { at: clock.now(), wait }
    return wait === 0
  }

  return async (rollout) => {
    if (mustWait()) return 'busy'
    const lease = await leases.take(`card-${rollout}`, leaseFor)
    if (lease === null) return 'busy'
    try {
      return await show(world, messenger, fallBack, rollout, hasTurn)
    } finally {
      await lease.release()
    }
  }
}

async function show(
  world: World,
  messenger: Messenger,
  fallBack: FallBack,
  rollout: number,
  hasTurn: () => Promise<boolean>,
): Promise<'done' | 'busy'> {
  const { cursors, rollouts } = world
  const root = await cursors.note(rollout, rootNote)
  const state = await rollouts.load(rollout)
  // Redis has lost this rollout: it would be waited for without end.
  if (state === null) return 'done'
  if (root === null) return 'busy'
  const message = card(world.config.title, state, await factsOf(world, state))
  const digest = hash('sha256', JSON.stringify(message))
  if (digest !== (await cursors.note(rollout, shownNote))) {
    if (!(await hasTurn())) return 'busy'
    const stands =
      (await fallBack([message], (one) => isEdited(messenger, root, one))) ||
      (await isPostedAgain(world, messenger, fallBack, state, message))
    if (!stands) return 'busy'
    await cursors.keep(rollout, shownNote, digest)
  }
  await cursors.finish(rollout, 'card', state)
  return 'done'
}

/** False when it is not there any more: somebody has deleted it. */
async function isEdited(messenger: Messenger, ts: string, message: Message): Promise<boolean> {
  try {
    await messenger.edit(ts, message)
    return true
  } catch (error) {
    if (error instanceof SlipwayError && 'error' in error.detail && error.detail.error === 'message_not_found')
      return false
    throw error
  }
}

/** Posts a deleted card again; the thread goes on below it. False while it is not the time for that. */
async function isPostedAgain(
  { cursors, clock, pace, config }: World,
  messenger: Messenger,
  fallBack: FallBack,
  state: State,
  message: Message,
): Promise<boolean> {
  const { rollout, startedAt } = state
  const [root, begun] = await Promise.all([cursors.note(rollout, rootNote), cursors.note(rollout, againNote)])
  // What an earlier try has posted may still be on its way.
  if (begun !== null && clock.now() < Number(begun) + 2 * config.slack.timeout) return false
  const id = rootId(state)
  const moved = async (to: string) => {
    // What was told below the deleted one is still there.
    const former = (await cursors.note(rollout, formerRootsNote))?.split(' ') ?? []
    if (root !== null && root !== to)
      await cursors.keep(rollout, formerRootsNote, [...new Set([...former, root])].join(' '))
    await cursors.keep(rollout, rootNote, to)
  }
  const found = (await messenger.find([id], { since: startedAt - clocksDiffer })).get(id)
  if (found === undefined || found === root) {
    if ((await pace.take('post')) > 0) return false
    await cursors.keep(rollout, againNote, String(clock.now()))
    await moved(await fallBack([message], (one) => messenger.post(one)))
  } else await moved(found)
  return true
}

async function factsOf(world: World, state: State) {
  const { phase } = watchedPhase(state)
  const { request } = state
  const required = request === undefined ? [] : requiredRoles(state.spec, request.phases)
  const at = world.clock.now()
  const [readings, observed, byHand, known, holds] = await Promise.all([
    world.beside.readings(state.rollout, phase),
    world.beside.observed(state.rollout, soakKey(state)),
    state.parts === undefined ? null : byHandIfReadable(world, state.parts.stable),
    holdersIfKnown(world, [...new Set(required)]),
    holdsAt(world, at),
  ])
  return {
    readings,
    observed,
    wanted: wanted(state),
    known,
    holds,
    byHand,
    at,
  }
}

/** The card is shown also while the cluster can't be read, then without this line. */
async function byHandIfReadable(world: World, stable: 'blue' | 'green'): Promise<string | null> {
  try {
    return await world.cluster.byHand(stable)
  } catch (error) {
    world.log.warn({ err: error }, 'the kubectl line of the card could not be read')
    return null
  }
}

/** The card names roles alone while Slack does not say who holds them. */
async function holdersIfKnown(world: World, roles: readonly Role[]): Promise<Known> {
  try {
    return await world.people.holdersOf(roles)
  } catch (error) {
    world.log.warn({ err: error }, 'who holds the roles that are missing could not be looked up for the card')
    return {}
  }
}
