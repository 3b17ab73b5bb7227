import { refusalText } from '../errors.ts'
import { holdsAt } from '../jobs/holds.ts'
import type { World } from '../jobs/world.ts'
import type { Report } from '../rollout/commands.ts'
import { decide } from '../rollout/decide.ts'
import { after, phasesLeft, requestEvent } from '../rollout/decide-sign-off.ts'
import { type EventBody, schemaVersion } from '../rollout/events.ts'
import { evolve } from '../rollout/evolve.ts'
import type { RolloutSpec } from '../rollout/plan.ts'
import { isOver, nextPhase, type State } from '../rollout/state.ts'
import type { Answer } from './answer.ts'
import type { Wish } from './ask.ts'
import { withMentions } from './format.ts'
import { type Message, section } from './message.ts'
import { planMessage } from './plan-message.ts'
import { startOf } from './want-of.ts'

/** The plan that a start would ask sign-offs for, from the cluster as it stands now, with what holds it, where something does. */
export async function dryStart(world: World, wish: Wish, spec: RolloutSpec, report: Report | null): Promise<Answer> {
  const { service } = world.config
  const head = { id: wish.id, at: wish.at, by: { ...wish.user, via: 'slack' as const } }
  const start = { ...(await startOf(world, wish, spec, report)), ...head }
  const free = decide(null, start, service)
  if ('refusal' in free) return { text: refusalText(free.refusal) }
  const held = decide(null, { ...start, ...(await holdsAt(world, wish.at)) }, service)
  const [started] = free.events
  if (started === undefined) throw new Error('a start is an event')
  const place = { v: schemaVersion, service, rollout: 1, version: 1, at: wish.at, command: wish.id } as const
  const state = evolve(null, { ...started, ...place })
  const { tracks, route } = await world.cluster.view()
  const stable = route.weights.blue >= route.weights.green ? 'blue' : 'green'
  const canary = stable === 'blue' ? 'green' : 'blue'
  const prepared = {
    stable,
    canary,
    stableSize: tracks[stable].replicas,
    stableImage: tracks[stable].image,
    canaryImage: tracks[canary].image,
    canarySize: tracks[canary].replicas,
  } as const
  const ready = after(state, { type: 'prepared', ...prepared }, head)
  const message = shown(world, ready, requestEvent(ready, start.all ? phasesLeft(ready) : [1], head), wish)
  return planOf(message, 'refusal' in held ? refusalText(held.refusal) : null)
}

/** The plan of the next phase of a rollout under way, with why it can't be asked for yet, where that is so. */
export async function dryAdvance(world: World, state: State, wish: Wish): Promise<Answer> {
  const head = { id: wish.id, at: wish.at, by: { ...wish.user, via: 'slack' as const } }
  const all = wish.ask.kind === 'advance' && wish.ask.all === true
  const holds = await holdsAt(world, wish.at)
  const decision = decide(state, { type: 'advance', ...head, ...holds, ...(all && { all }) }, state.service)
  const next = nextPhase(state)
  const refused = 'refusal' in decision ? refusalText(decision.refusal) : null
  if (isOver(state) || state.rollback !== undefined || state.parts === undefined || next === undefined)
    return { text: refused ?? 'No phase is left.' }
  const numbers = state.request?.phases ?? (all ? phasesLeft(state) : [next.number])
  const message = shown(world, state, requestEvent(state, numbers, head), wish)
  return planOf(message, refused)
}

/** A plan to look at; `refused`: why it can't be asked for now. */
function planOf({ text, blocks }: Message, refused: string | null): Answer {
  const before = refused === null ? [] : [section(`Not now: ${withMentions(refused)}`)]
  return { text, message: { text, blocks: [...before, ...blocks] } }
}

function shown(world: World, state: State, body: EventBody, wish: Wish): Message {
  if (body.type !== 'sign-off-requested') throw new Error('a plan is shown for a request')
  const { service, rollout } = state
  const place = { service, rollout, version: state.version + 1, at: wish.at, command: wish.id }
  return planMessage({ ...body, ...place, v: schemaVersion }, state, world.config, 'shown')
}
