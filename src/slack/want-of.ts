import type { World } from '../jobs/world.ts'
import type { Wish as Want } from '../rollout/commands.ts'
import type { State } from '../rollout/state.ts'
import type { Wish } from './ask.ts'
import { extension } from './event-buttons.ts'
import { holdersOf, rolesOf } from './people.ts'

/** Under which note the reason of a rollback waits for its confirmation. */
export const reasonNote = (wish: Wish) => `reason:${wish.user.id}`

/** What a wish asks of a rollout, with what the decision needs to know of its sender. */
export async function wantOf(world: World, wish: Wish, state: State): Promise<Want> {
  const { ask } = wish
  const roles = rolesOf(world.config, wish.user.id)
  switch (ask.kind) {
    case 'advance':
      return { type: 'advance', ...(ask.version !== undefined && { version: ask.version }) }
    case 'approve':
    case 'reject': {
      const request = wish.target?.version ?? state.request?.id ?? 0
      const required = state.spec.phases.find((p) => p.number === state.request?.phase)?.roles ?? []
      return { type: ask.kind, request, roles, holders: holdersOf(world.config, required) }
    }
    case 'approve-skip':
    case 'reject-skip': {
      const request = wish.target?.version ?? state.skip?.id ?? 0
      return { type: ask.kind, request, roles, holders: holdersOf(world.config, [state.spec.decides]) }
    }
    case 'skip-soak':
    case 'abort':
      return { type: ask.kind, reason: ask.reason }
    case 'rollback': {
      const noted = ask.reason === '' ? await world.cursors.note(state.rollout, reasonNote(wish)) : null
      return { type: 'roll-back', reason: noted ?? ask.reason, forced: ask.forced }
    }
    case 'pause':
      return { type: 'pause', reason: ask.reason }
    case 'extend-soak':
      return { type: 'extend-soak', ms: extension(state) }
    case 'accept-targets':
      return {
        type: 'accept-targets',
        reason: ask.reason,
        roles,
        holders: holdersOf(world.config, [state.spec.decides]),
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
