import type { Mistake } from './mistake.ts'
import { pathText } from './mistake.ts'
import { permittedRoles } from './permission-schema.ts'
import { unknownRole } from './phase-cross-checks.ts'
import type { Sound } from './sound.ts'

/** Roles of `permissions` that there are not, or that stand there twice. */
export function permissionMistakes(sound: Sound): readonly Mistake[] {
  const known = sound.keys('roles')
  return sound.keys('permissions').flatMap((command) => {
    const roles = sound.get(permittedRoles, 'permissions', command) ?? []
    return roles.flatMap((role, index): readonly Mistake[] => {
      const path = ['permissions', command, index]
      if (roles.indexOf(role) === index) return unknownRole(role, known, path)
      return [{ path, at: 'value', text: `${pathText(path)} is ${role} again, expected each role once` }]
    })
  })
}
