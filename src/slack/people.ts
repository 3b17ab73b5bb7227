import type { World } from '../jobs/world.ts'
import type { Role } from '../rollout/plan.ts'
import type { Wish } from './ask.ts'
import { mention } from './format.ts'

/** Which of these roles the sender of a wish holds now. A terminal proves nobody's identity, so it holds none. */
async function rolesOf(
  { people }: Pick<World, 'people'>,
  { user, from }: Pick<Wish, 'user' | 'from'>,
  among: readonly Role[],
): Promise<readonly Role[]> {
  return from?.via === 'terminal' ? [] : people.rolesOf(user.id, among)
}

/** Does somebody hold one of these roles now? One that can't be looked up does not matter when they hold another. */
export async function holdsOneOf(
  { people }: Pick<World, 'people'>,
  user: string,
  roles: readonly Role[],
): Promise<boolean> {
  const asked = await Promise.allSettled(roles.map((role) => people.rolesOf(user, [role])))
  if (asked.some((a) => a.status === 'fulfilled' && a.value.length > 0)) return true
  const failed = asked.find((a) => a.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return false
}

/** Who holds one of these roles now, as mentions. */
export async function holdersOf({ people }: Pick<World, 'people'>, roles: readonly Role[]): Promise<readonly string[]> {
  return [...new Set(Object.values(await people.holdersOf(roles)).flat())].map(mention)
}

/** Which of these roles the sender of a wish holds now, and who could do it in their place; nobody is looked up who is not needed. */
export async function heldOf(
  world: Pick<World, 'people'>,
  wish: Pick<Wish, 'user' | 'from'>,
  among: readonly Role[],
): Promise<{ readonly roles: readonly Role[]; readonly holders: readonly string[] }> {
  const roles = await rolesOf(world, wish, among)
  return { roles, holders: roles.length > 0 ? [] : await holdersOf(world, among) }
}
