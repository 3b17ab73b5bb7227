import type { CommandOf } from './commands.ts'
import { type Decision, nothing } from './decision.ts'
import type { EventBody, PlanChange } from './events.ts'
import { isNews, otherImages } from './image-ids.ts'
import { hasDigest, planChanges } from './plan-text.ts'
import { isOver, nextPhase, type Request, type State } from './state.ts'

/** Readiness as it is now is told beside the request that it was checked for, once. */
export function decideRecheck(state: State, command: CommandOf<'record-recheck'>): Decision {
  const { request } = state
  if (request === undefined || request.id !== command.request || request.rechecked) return nothing
  const { judgement, changes } = command
  const { id, phase } = request
  return { events: [{ type: 'readiness-rechecked', phase, request: id, judgement, changes: [...changes] }] }
}

/** The soak is about to be full: the next phase may be asked for, so that signing takes no time of its own. */
export function decideSoakEnding(state: State, command: CommandOf<'record-soak-ending'>): Decision {
  const next = nextPhase(state)
  if (state.stage !== 'soaking' || state.phase !== command.phase || next === undefined) return nothing
  if (state.request !== undefined || state.openedPhase === next.number || state.lost !== undefined) return nothing
  return { events: [{ type: 'sign-off-opened', phase: next.number, remaining: command.remaining }] }
}

/** What the pods say they run; when it is something else under the same name, what was signed no longer counts. */
export function decideImageIds(state: State, command: CommandOf<'record-image-ids'>): Decision {
  if (isOver(state) || state.rollback !== undefined || hasDigest(state.spec.image)) return nothing
  const ids = [...new Set(command.ids)].toSorted()
  if (ids.length === 0 || !isNews(state, ids)) return nothing
  const { request, stage, imageIds: before, signedIds } = state
  // The first phase's own pods come one after the other, and nobody has signed for any of them by its id.
  const first = before === undefined || (stage === 'shifting' && signedIds === undefined)
  if (first) return { events: [{ type: 'image-ids-seen', ids }] }
  const seen: EventBody = { type: 'image-ids-seen', ids, before: [...before] }
  const changes = [{ field: 'imageIds', before: before.join(', '), after: ids.join(', ') }]
  const voided: EventBody[] = request === undefined ? [] : [{ type: 'sign-off-voided', request: request.id, changes }]
  // The request of a phase that has started is used up: nobody has signed for its weight on these bytes. Fewer of the same are none.
  const stops = stage === 'shifting' && otherImages(ids, [...before, ...(signedIds ?? [])]).length > 0
  const failed: EventBody[] = stops ? [{ type: 'step-failed', step: 'shift', ...command.failure }] : []
  return { events: [seen, ...voided, ...failed] }
}

/** Ends a request whose plan is no longer what would be carried out; null while it is. */
export function voidedEvent(state: State): EventBody | null {
  const { request } = state
  if (request === undefined) return null
  const changes = changesSince(state, request)
  return changes.length === 0 ? null : { type: 'sign-off-voided', request: request.id, changes: [...changes] }
}

const changesOf = new WeakMap<State, readonly PlanChange[]>()

/** What differs from the plan that was asked for, found once for each state: every tick asks. */
function changesSince(state: State, { plan, phases }: Request): readonly PlanChange[] {
  const changes = changesOf.get(state) ?? planChanges(plan, state, phases)
  changesOf.set(state, changes)
  return changes
}
