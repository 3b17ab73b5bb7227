import type { Config } from '../config/config.ts'
import type { Role } from '../rollout/plan.ts'
import { mention } from './format.ts'

/** Roles that a user holds now. */
export function rolesOf(config: Config, user: string): readonly Role[] {
  return Object.entries(config.roles).flatMap(([role, { users }]) => (users.includes(user) ? [role] : []))
}

/** Who holds one of these roles now, as mentions. */
export function holdersOf(config: Config, roles: readonly Role[]): readonly string[] {
  return [...new Set(roles.flatMap((role) => config.roles[role]?.users ?? []))].map(mention)
}
