import { SlipwayError } from './errors.ts'

/** What a process does: takes what comes from Slack (`app`), does the work (`worker`), or both. */
export const roles = ['app', 'worker', 'both'] as const
export type Role = (typeof roles)[number]

/** Reads `--role`; throws `usage` with the right ones. */
export function parseRole(text: string): Role {
  const role = roles.find((known) => known === text)
  if (role === undefined)
    throw new SlipwayError('usage', { what: `--role is ${text}, expected ${roles.slice(0, -1).join(', ')} or both.` })
  return role
}
