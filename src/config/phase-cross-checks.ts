import { canSpareOne, unserved } from '../rollout/quorum.ts'
import { name, signOffs } from './fields.ts'
import { type Mistake, type Path, pathText } from './mistake.ts'
import { expectedOf } from './nearest.ts'
import { permissionFields } from './permission-schema.ts'
import { phaseFields, releaseFields } from './release-schema.ts'
import { scheduleId, userGroups, userIds } from './schema.ts'
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

/** What is wrong with a role's name at a path. */
export function unknownRole(role: string, known: readonly string[], path: Path): readonly Mistake[] {
  if (known.includes(role)) return []
  return [mistake(path, `is "${role}", expected a key of roles; ${expectedOf(role, known)}`)]
}

/** Names that aren't roles, and roles named twice. */
function nameMistakes(sound: Sound, known: readonly string[], path: Path): readonly Mistake[] {
  const roles = Array.from({ length: sound.length(...path) }, (_, index) => sound.get(signOffs, ...path, index)?.role)
  return roles.flatMap((role, index) => {
    if (role === undefined) return []
    const place = [...path, index]
    const again = known.includes(role) && roles.indexOf(role) !== index
    return again ? [mistake(place, `is ${role} again, expected each role once`)] : unknownRole(role, known, place)
  })
}

/** The people of a role; undefined where who is in a user group, or on call, is known at run time only. */
function holdersOf(sound: Sound, role: string): readonly string[] | undefined {
  if (sound.get(userGroups, 'roles', role, 'groups') !== undefined) return undefined
  if (sound.get(scheduleId, 'roles', role, 'schedule') !== undefined) return undefined
  return sound.get(userIds, 'roles', role, 'users')
}

function signerMistakes(sound: Sound, roles: readonly string[], path: Path): readonly Mistake[] {
  const holders: Record<string, readonly string[]> = {}
  for (const role of roles) {
    const users = holdersOf(sound, role)
    if (users !== undefined) holders[role] = users
  }
  const needed = roles.filter((role) => holders[role] !== undefined)
  const without = unserved(needed, holders)
  if (without.length > 0) {
    const people = new Set(Object.values(holders).flat()).size
    return [
      mistake(
        [...path, 'roles'],
        `can't all be signed, expected ${needed.length} different people: the ${people} who hold ${Object.keys(holders).join(', ')} leave ${without.join(', ')} without one (one person signs once)`,
      ),
    ]
  }
  const askers = askersOf(sound)
  const closed = sound.get(phaseFields.requesterMaySign, ...path, 'requesterMaySign') === false
  if (!closed || askers === undefined || canSpareOne(askers, needed, holders)) return []
  return [
    mistake(
      [...path, 'requesterMaySign'],
      `is false, expected somebody who may ask (permissions.advance) and is not needed to sign: without any one of ${askers.join(', ')} some of ${needed.join(', ')} has nobody`,
    ),
  ]
}

/** Everybody who may ask for a phase; undefined where that is not known from the file alone. */
function askersOf(sound: Sound): readonly string[] | undefined {
  const permitted = sound.get(permissionFields.advance, 'permissions', 'advance')
  if (permitted === undefined || permitted === 'members') return undefined
  const people = (permitted === 'any-role' ? sound.keys('roles') : permitted).map((role) => holdersOf(sound, role))
  const known = people.filter((users) => users !== undefined)
  return known.length === people.length ? [...new Set(known.flat())] : undefined
}

/** Checkpoints of roles that nobody can hold. */
function checkpointMistakes(sound: Sound, known: readonly string[], path: Path): readonly Mistake[] {
  return Array.from({ length: sound.length(...path) }, (_, index) => index).flatMap((index) => {
    const place = [...path, index, 'role']
    const role = sound.get(name, ...place)
    return role === undefined ? [] : unknownRole(role, known, place)
  })
}

/** Weights that don't rise to 100 %, names and roles that don't fit, sign-offs that nobody could give. */
export function phaseMistakes(sound: Sound): readonly Mistake[] {
  const total = sound.length(...phases)
  const known = sound.keys('roles')
  const names = Array.from({ length: total }, (_, index) => sound.get(phaseFields.name, ...phases, index, 'name'))
  const decides = sound.get(releaseFields.decides, 'release', 'decides')
  const inPhases = names.flatMap((phaseName, index) => {
    const rolesPath = [...phases, index, 'roles']
    const roles = sound.get(phaseFields.roles, ...rolesPath) ?? []
    const badRoles = nameMistakes(sound, known, rolesPath)
    const twice = phaseName !== undefined && names.indexOf(phaseName) !== index
    return [
      ...(twice ? [mistake([...phases, index, 'name'], `is "${phaseName}" again, expected each name once`)] : []),
      ...weightMistakes(sound, index, index === total - 1),
      ...badRoles,
      ...checkpointMistakes(sound, known, [...phases, index, 'checkpoints']),
      ...(badRoles.length > 0 ? [] : signerMistakes(sound, roles, [...phases, index])),
    ]
  })
  return [...(decides === undefined ? [] : unknownRole(decides, known, ['release', 'decides'])), ...inPhases]
}
