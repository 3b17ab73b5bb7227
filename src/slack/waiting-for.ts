import type { Permitted } from '../config/config.ts'
import type { World } from '../jobs/world.ts'
import type { Role } from '../rollout/plan.ts'
import { mayNotLetGoOn, missingRoles, openCheckpoints, possibleSigners } from '../rollout/sign-off.ts'
import { isObserved, isOver, nextPhase, type State } from '../rollout/state.ts'
import { howToLetGoOn } from '../rollout/unsigned.ts'
import { momentText } from '../rollout/wall-time.ts'
import { headlineOf } from './blocks/headline.ts'
import { mayUse } from './permission.ts'

/** What waits for one full member in a rollout, in plain words, one line each. Throws what `People` throws. */
async function waitingFor(world: World, state: State, user: string): Promise<readonly string[]> {
  const roles = await world.people.rolesOf(user, Object.keys(world.config.roles))
  const may = (command: Permitted) => mayUse(world, user, command)
  const letGoOn = howToLetGoOn(state, world.clock.now()) !== null
  if (state.cleanUp === 'held' && (await may('finish')))
    return ['Decide about the unused pods: the thread asks whether to scale them down.']
  if (state.cleanUp === 'failed' && (await may('finish')))
    return ['Have the unused pods cleaned up again: the thread says what failed.']
  if (isOver(state) || state.rollback !== undefined) return []
  return [
    ...signing(state, user, roles),
    ...looking(state, roles),
    ...(roles.includes(state.spec.decides) ? deciding(state, user, letGoOn) : []),
    ...(state.failure !== undefined && !letGoOn && (await may('retry'))
      ? [`Retry, or roll back: ${state.failure.what}`]
      : []),
    ...(state.drift !== undefined && state.drift.takenOver === undefined && (await may('take-over'))
      ? [`Take over again, or roll back: somebody else changed the cluster (${state.drift.what}).`]
      : []),
    ...(isAskable(state) && (await may('advance'))
      ? [`Ask for phase ${nextPhase(state)?.number}: \`/deploy advance\`.`]
      : []),
  ]
}

/** The same as an answer: also when there is nothing. */
export async function mineText(world: World, state: State | null, user: string): Promise<readonly string[]> {
  const lines = state === null ? [] : await waitingFor(world, state, user)
  if (state === null || lines.length === 0) return ['Nothing waits for you.']
  return [`${world.config.title} ${state.spec.version}: ${headlineOf(state)}.`, ...lines.map((line) => `• ${line}`)]
}

function signing(state: State, user: string, roles: readonly Role[]): readonly string[] {
  const { request } = state
  if (request === undefined) return []
  const mine = Object.fromEntries(roles.map((role) => [role, [user]]))
  const open = possibleSigners(state, request, mine)
  const as = [...new Set(missingRoles(state, request))].filter((role) => (open[role] ?? []).length > 0)
  if (as.length === 0) return []
  const until = request.expiresAt === null ? '' : `, until ${momentText(request.expiresAt)}`
  return [`Sign phase ${request.phase} as ${as.join(' or ')}${until}: asked for by ${request.by.name}.`]
}

function looking(state: State, roles: readonly Role[]): readonly string[] {
  const next = nextPhase(state)
  if (next === undefined || state.checkpointsAsked !== next.number) return []
  return openCheckpoints(state, next.number).flatMap((place) => {
    const checkpoint = next.checkpoints?.[place - 1]
    if (checkpoint === undefined || !roles.includes(checkpoint.role)) return []
    return [`Look, then tick it off before phase ${next.number}, as ${checkpoint.role}: ${checkpoint.text}.`]
  })
}

/** What only the role that decides can end; `letGoOn`: a step that failed, too. */
function deciding(state: State, user: string, letGoOn: boolean): readonly string[] {
  const { warned, skip, decision, lost, phase, failure } = state
  return [
    ...(warned === undefined
      ? []
      : [`Accept the warnings of the readiness report, until ${momentText(warned.expiresAt)}: Accept… on the card.`]),
    ...(skip === undefined || skip.by.id === user
      ? []
      : [`Decide whether the soak of phase ${skip.phase} is skipped, asked for by ${skip.by.name}: ${skip.reason}.`]),
    ...(decision === undefined
      ? []
      : [`Decide about the soak of phase ${phase}: it rolls back by itself at ${momentText(decision.rollBackAt)}.`]),
    ...(failure === undefined || !letGoOn || mayNotLetGoOn(state, user)
      ? []
      : [`Let it go on (\`/deploy override <reason>\`), or roll back: ${failure.what}`]),
    ...(lost === undefined ? [] : ['Decide: Redis has lost the record of this rollout. The thread says what works.']),
  ]
}

/** Could the next phase be asked for, and nobody has? */
function isAskable(state: State): boolean {
  const next = nextPhase(state)
  if (isObserved(state) || next === undefined || state.request !== undefined || state.paused !== undefined) return false
  if (state.lost !== undefined) return false
  return state.stage === 'soaked' || (state.stage === 'soaking' && state.openedPhase === next.number)
}
