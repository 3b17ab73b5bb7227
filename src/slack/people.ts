import type { Config } from '../config/config.ts'
import type { Role } from '../rollout/plan.ts'
import type { Known } from '../rollout/quorum.ts'
import { mention } from './format.ts'

/** Roles that a user holds now. */
export function rolesOf(config: Config, user: string): readonly Role[] {
  return Object.entries(config.roles).flatMap(([role, { users }]) => (users.includes(user) ? [role] : []))
}

/** The user ids of the people who hold each of these roles now. */
export function knownHolders(config: Config, roles: readonly Role[]): Known {
  return Object.fromEntries(roles.map((role) => [role, config.roles[role]?.users ?? []]))
}

/** Who holds one of these roles now, as mentions. */
export function holdersOf(config: Config, roles: readonly Role[]): readonly string[] {
  return [...new Set(roles.flatMap((role) => config.roles[role]?.users ?? []))].map(mention)
}
