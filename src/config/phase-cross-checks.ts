import { type Mistake, type Path, pathText } from './mistake.ts'
import { expectedOf } from './nearest.ts'
import { phaseFields, releaseFields } from './release-schema.ts'
import { userIds } from './schema.ts'
import { unservedRoles } from './sign-off-people.ts'
import type { Sound } from './sound.ts'

const phases = ['release', 'phases'] as const

function mistake(path: Path, text: string): Mistake {
  return { path, at: 'value', text: `${pathText(path)} ${text}` }
}

function weightMistakes(sound: Sound, index: number, last: boolean): readonly Mistake[] {
  const path = [...phases, index, 'weight']
  const weight = sound.get(phaseFields.weight, ...path)
  if (weight === undefined) return []
  const before = Array.from({ length: index }, (_, earlier) =>
    sound.get(phaseFields.weight, ...phases, earlier, 'weight'),
  ).findLast((known) => known !== undefined)
  const mistakes: Mistake[] = []
  if (before !== undefined && weight <= before) {
    mistakes.push(mistake(path, `is ${weight}%, expected more than the ${before}% before it`))
  }
  if (last && weight !== 100) mistakes.push(mistake(path, `is ${weight}%, expected 100% in the last phase`))
  return mistakes
}

function unknownRole(role: string, known: readonly string[], path: Path): readonly Mistake[] {
  if (known.includes(role)) return []
  return [mistake(path, `is "${role}", expected a key of roles; ${expectedOf(role, known)}`)]
}

/** Names that aren't roles, and roles named twice. */
function nameMistakes(roles: readonly string[], known: readonly string[], path: Path): readonly Mistake[] {
  return roles.flatMap((role, index) => {
    const place = [...path, index]
    const again = known.includes(role) && roles.indexOf(role) !== index
    return again ? [mistake(place, `is ${role} again, expected each role once`)] : unknownRole(role, known, place)
  })
}

function signerMistakes(sound: Sound, roles: readonly string[], path: Path): readonly Mistake[] {
  const holders: Record<string, readonly string[]> = {}
  for (const role of roles) {
    const users = sound.get(userIds, 'roles', role, 'users')
    if (users !== undefined) holders[role] = users
  }
  const unserved = unservedRoles(holders)
  if (unserved.length === 0) return []
  const people = new Set(Object.values(holders).flat()).size
  const needed = Object.keys(holders).length
  return [
    mistake(
      path,
      `can't all be signed, expected ${needed} different people: the ${people} who hold ${Object.keys(holders).join(', ')} leave ${unserved.join(', ')} without one (one person signs once)`,
    ),
  ]
}

/** Weights that don't rise to 100 %, names and roles that don't fit, sign-offs that nobody could give. */
export function phaseMistakes(sound: Sound): readonly Mistake[] {
  const total = sound.length(...phases)
  const known = sound.keys('roles')
  const names = Array.from({ length: total }, (_, index) => sound.get(phaseFields.name, ...phases, index, 'name'))
  const decides = sound.get(releaseFields.decides, 'release', 'decides')
  const inPhases = names.flatMap((name, index) => {
    const rolesPath = [...phases, index, 'roles']
    const roles = sound.get(phaseFields.roles, ...rolesPath) ?? []
    const twice = name !== undefined && names.indexOf(name) !== index
    return [
      ...(twice ? [mistake([...phases, index, 'name'], `is "${name}" again, expected each name once`)] : []),
      ...weightMistakes(sound, index, index === total - 1),
      ...nameMistakes(roles, known, rolesPath),
      ...signerMistakes(sound, roles, rolesPath),
    ]
  })
  return [...(decides === undefined ? [] : unknownRole(decides, known, ['release', 'decides'])), ...inPhases]
}
