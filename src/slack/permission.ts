import type { Config, Permitted } from '../config/config.ts'
import { refusalText, SlipwayError } from '../errors.ts'
import type { World } from '../jobs/world.ts'
import type { Role } from '../rollout/plan.ts'
import { refuse } from '../rollout/refusal.ts'
import { type Answer, failed } from './answer.ts'
import type { Ask, Wish } from './ask.ts'
import { holdersOf, holdsOneOf } from './people.ts'

type Parts = Pick<World, 'config' | 'people' | 'clock'>

/** How long a rollback waits to learn who ordered it, in ms. */
const patience = 1_000

/**
 * Why the sender of a wish may not have it at all; null when they may, as far as no phase or rule of the rollout says more. A
 * rollback is refused only to somebody who is known to be neither a full member nor on call. @throws what `People` throws, for all others.
 */
export async function refusedTo(world: Parts, { user, from, ask }: Wish): Promise<Answer | null> {
  // A terminal proves nobody's identity: what it may do is decided by that alone.
  if (from?.via === 'terminal' || ask.kind === 'help' || ask.kind === 'unclear') return null
  if (ask.kind === 'rollback') return (await isSurelyOutside(world, user.id, ask)) ? outsideAnswer(world) : null
  if (!(await world.people.isMember(user.id))) return outsideAnswer(world)
  const command = commandOf(ask)
  if (command === null || (await mayUse(world, user.id, command))) return null
  const roles = permittedRoles(world.config, command) ?? []
  const { refusal } = refuse('role-not-held', { roles, holders: await holdersOf(world, roles) })
  return { text: refusalText(refusal), refused: refusal.code }
}

/** May a full member use this command, by the roles that they hold now? */
export async function mayUse(world: Parts, user: string, command: Permitted): Promise<boolean> {
  const roles = permittedRoles(world.config, command)
  return roles === null || holdsOneOf(world, user, roles)
}

/** The roles of which somebody must hold one for a command; null where every full member may. */
export function permittedRoles({ permissions, roles }: Config, command: Permitted): readonly Role[] | null {
  const permission = permissions[command]
  if (permission === 'members') return null
  return permission === 'any-role' ? Object.keys(roles) : permission
}

/**
 * Is it known that somebody is no full member, nor, where they ask for a rollback, on call? Looked up for a moment at most, and never
 * fails.
 */
export async function isSurelyOutside(
  { people, clock }: Pick<World, 'people' | 'clock'>,
  user: string,
  ask: Pick<Ask, 'kind'>,
): Promise<boolean> {
  const over = new AbortController()
  const isOutside = async () => {
    if (await people.isMember(user)) return false
    return ask.kind !== 'rollback' || !(await people.isOnCall(user))
  }
  const late = clock.wait(patience, over.signal).then(() => false)
  return Promise.race([isOutside(), late])
    .catch(() => false)
    .finally(() => over.abort())
}

/** What somebody is told who is no full member, with who could where Slack says that: a refusal waits for nothing. */
export async function outsideAnswer(world: Parts): Promise<Answer> {
  const holders = await holdersOf(world, Object.keys(world.config.roles)).catch(() => [])
  return failed(new SlipwayError('not-a-member', { holders }))
}

/** Under which name `permissions` says who may; null for what is decided otherwise: by the phase's roles, by who asked, or by nobody. */
function commandOf(ask: Ask): Permitted | null {
  switch (ask.kind) {
    case 'start':
      return 'advance'
    case 'advance':
      return ask.dryRun ? 'status' : 'advance'
    case 'mine':
      return 'status'
    case 'readiness':
    case 'status':
    case 'history':
    case 'nudge':
    case 'pause':
    case 'resume':
    case 'retry':
    case 'extend-soak':
    case 'skip-soak':
    case 'take-over':
    case 'abort':
    case 'finish':
    case 'handover':
    case 'lock':
    case 'unlock':
      return ask.kind
    default:
      return null
  }
}
