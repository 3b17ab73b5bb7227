import { nameExpected, namePattern } from './fields.ts'
import { type Mistake, pathText } from './mistake.ts'
import { userIds } from './schema.ts'
import type { Sound } from './sound.ts'

/** Role names that can't be keys, and people named twice. */
export function roleMistakes(sound: Sound): readonly Mistake[] {
  const names = sound.keys('roles')
  const badNames = names
    .filter((role) => !namePattern.test(role))
    .map((role): Mistake => ({ path: ['roles', role], at: 'key', text: `roles.${role} is no name, ${nameExpected}` }))
  const doubled = names.flatMap((role) => {
    const users = sound.get(userIds, 'roles', role, 'users') ?? []
    return users.flatMap((user, index): readonly Mistake[] => {
      if (users.indexOf(user) === index) return []
      const path = ['roles', role, 'users', index]
      return [{ path, at: 'value', text: `${pathText(path)} is ${user} again, expected each person once` }]
    })
  })
  return [...badNames, ...doubled]
}
