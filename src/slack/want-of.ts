import type { World } from '../jobs/world.ts'
import type { Report, Wish as Want } from '../rollout/commands.ts'
import type { Role, RolloutSpec } from '../rollout/plan.ts'
import { requiredRoles } from '../rollout/sign-off.ts'
import { nextPhase, type State } from '../rollout/state.ts'
import type { Wish } from './ask.ts'
import { extension } from './event-buttons.ts'
import { heldOf, holdersOf } from './people.ts'

type Start = Extract<Want, { type: 'start' }>

/** What "Accept…" is about at this moment: the warnings of the report, or the figures of a soak. */
function acceptWhat(state: State): 'accept-warnings' | 'accept-targets' {
  return state.warned === undefined ? 'accept-targets' : 'accept-warnings'
}

/** Under which note the reason of a rollback waits for the yes to its question, which this wish was answered with. */
export const reasonNote = (question: string) => `reason:${question}`

/** Why a rollback is wished for: what its sender has said with it, or, where it is the yes to a question, with what was asked about. */
export async function reasonOf({ cursors }: Pick<World, 'cursors'>, wish: Wish, rollout: number): Promise<string> {
  const said = wish.ask.kind === 'rollback' ? wish.ask.reason : ''
  if (said !== '' || wish.question === undefined) return said
  return (await cursors.note(rollout, reasonNote(wish.question))) ?? ''
}

/** What a wish asks of a rollout, with what the decision needs to know of its sender. */
export async function wantOf(world: World, wish: Wish, state: State): Promise<Want> {
  const { ask } = wish
  const held = (among: readonly Role[]) => heldOf(world, wish, among)
  switch (ask.kind) {
    case 'advance':
      return {
        type: 'advance',
        ...(ask.version !== undefined && { version: ask.version }),
        ...(ask.digest !== undefined && { digest: ask.digest }),
        ...(ask.all && { all: ask.all }),
      }
    case 'approve':
      return { type: 'approve', request: requestOf(wish, state), ...(await signerOf(world, wish, state, ask.role)) }
    case 'reject':
      return {
        type: 'reject',
        request: requestOf(wish, state),
        reason: ask.reason,
        ...(await held(requiredNow(state))),
      }
    case 'withdraw':
      return { type: 'withdraw', request: requestOf(wish, state) }
    case 'cancel':
      return { type: 'cancel', request: requestOf(wish, state), ...(await held([state.spec.decides])) }
    case 'nudge': {
      const known = await world.people.holdersOf(requiredNow(state))
      return { type: 'nudge', request: requestOf(wish, state), known }
    }
    case 'tick-checkpoint': {
      const { checkpoint } = ask
      const role = nextPhase(state)?.checkpoints?.[checkpoint - 1]?.role
      return { type: 'tick-checkpoint', checkpoint, ...(await held(role === undefined ? [] : [role])) }
    }
    case 'approve-skip':
    case 'reject-skip': {
      const request = wish.target?.version ?? state.skip?.id ?? 0
      return { type: ask.kind, request, ...(await held([state.spec.decides])) }
    }
    case 'handover':
      return { type: 'hand-over', to: { id: ask.to, name: await world.people.nameOf(ask.to), via: 'slack' } }
    case 'override':
      return {
        type: 'override',
        reason: ask.reason,
        ...(ask.seen !== undefined && { seen: ask.seen }),
        // The card, version 1, shows what holds it.
        ...(wish.target !== undefined && wish.target.version > 1 && { ofStop: true }),
        ...(await held([state.spec.decides])),
      }
    case 'skip-soak':
    case 'abort':
      return { type: ask.kind, reason: ask.reason }
    case 'rollback':
      return { type: 'roll-back', reason: await reasonOf(world, wish, state.rollout), forced: ask.forced }
    case 'pause':
      return { type: 'pause', reason: ask.reason }
    case 'extend-soak':
      return { type: 'extend-soak', ms: extension(state) }
    case 'accept-targets':
      return {
        type: acceptWhat(state),
        reason: ask.reason,
        ...(ask.seen !== undefined && { seen: ask.seen }),
        ...(await held([state.spec.decides])),
      }
    case 'resume':
    case 'retry':
    case 'take-over':
    case 'finish':
      return { type: ask.kind }
    default:
      throw new Error(`${ask.kind} is no wish of a rollout`)
  }
}

/** What a start asks for, with what the decision needs to know of its sender: nobody is looked up who is not needed. */
export async function startOf(world: World, wish: Wish, spec: RolloutSpec, report: Report | null): Promise<Start> {
  const { all, override, reason } = wish.ask.kind === 'advance' ? wish.ask : {}
  const accepts = reason === undefined ? {} : { reason, ...(await heldOf(world, wish, [spec.decides])) }
  return { type: 'start', spec, report, ...accepts, ...(all && { all }), ...(override && { override }) }
}

/** The request that a person means: the one whose button it is, or, in words, the one that stood there when they said it. */
function requestOf({ target, at }: Wish, { request }: State): number {
  if (target !== undefined) return target.version
  return request !== undefined && request.at <= at ? request.id : 0
}

/** The roles that the open request needs. */
function requiredNow({ spec, request }: State): readonly Role[] {
  return request === undefined ? [] : [...new Set(requiredRoles(spec, request.phases))]
}

/** What an approval needs to know of its sender: their roles, and who else could sign where they have a choice. */
async function signerOf(world: World, wish: Wish, state: State, role: Role | undefined) {
  const required = requiredNow(state)
  const { roles, holders } = await heldOf(world, wish, required)
  const others = roles.length > 1 ? { known: await world.people.holdersOf(required) } : {}
  if (role === undefined) return { roles, holders, ...others }
  const inPlace = roles.includes(role) ? [] : await holdersOf(world, [role])
  return { role, roles, holders: inPlace, ...others }
}
