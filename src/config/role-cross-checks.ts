import type { z } from 'zod'
import { nameExpected, namePattern } from './fields.ts'
import { type Mistake, pathText } from './mistake.ts'
import { configFields, userGroups, userIds } from './schema.ts'
import type { Sound } from './sound.ts'

/** Entries of a role's list that stand in it twice. */
function doubled(
  sound: Sound,
  role: string,
  key: string,
  schema: z.ZodType<readonly string[]>,
  once: string,
): readonly Mistake[] {
  const entries = sound.get(schema, 'roles', role, key) ?? []
  return entries.flatMap((entry, index): readonly Mistake[] => {
    if (entries.indexOf(entry) === index) return []
    const path = ['roles', role, key, index]
    return [{ path, at: 'value', text: `${pathText(path)} is ${entry} again, expected ${once}` }]
  })
}

/** Role names that can't be keys, roles that nobody can hold, people and groups named twice. */
export function roleMistakes(sound: Sound): readonly Mistake[] {
  const names = sound.keys('roles')
  const badNames = names
    .filter((role) => !namePattern.test(role))
    .map((role): Mistake => ({ path: ['roles', role], at: 'key', text: `roles.${role} is no name, ${nameExpected}` }))
  const heldByNobody = Object.entries(sound.get(configFields.roles, 'roles') ?? {})
    .filter(([, { users, groups, schedule }]) => users.length + groups.length === 0 && schedule === undefined)
    .map(([role]): Mistake => {
      return {
        path: ['roles', role],
        at: 'key',
        text: `roles.${role} can't be held by anybody, expected users, groups or a schedule`,
      }
    })
  const twice = names.flatMap((role) => [
    ...doubled(sound, role, 'users', userIds, 'each person once'),
    ...doubled(sound, role, 'groups', userGroups, 'each group once'),
  ])
  return [...badNames, ...heldByNobody, ...twice]
}
