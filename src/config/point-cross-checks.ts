import { type Mistake, pathText } from './mistake.ts'
import { unknownRole } from './phase-cross-checks.ts'
import { pointFields } from './point-schema.ts'
import type { Sound } from './sound.ts'

/** Points of no return of phases or roles that there are not, and two of one version. */
export function pointMistakes(sound: Sound): readonly Mistake[] {
  const list = ['pointsOfNoReturn'] as const
  const last = sound.length('release', 'phases')
  const versions = Array.from({ length: sound.length(...list) }, (_, index) =>
    sound.get(pointFields.version, ...list, index, 'version'),
  )
  return versions.flatMap((version, index) => {
    const path = [...list, index]
    const role = sound.get(pointFields.role, ...path, 'role')
    const phase = sound.get(pointFields.phase, ...path, 'phase')
    const wrong = (key: string, text: string): Mistake => {
      return { path: [...path, key], at: 'value', text: `${pathText([...path, key])} ${text}` }
    }
    const again = version !== undefined && versions.indexOf(version) !== index
    const isPhase = phase === undefined || (Number.isInteger(phase) && phase <= last)
    return [
      ...(again ? [wrong('version', `is ${version} again, expected each version once`)] : []),
      ...(isPhase ? [] : [wrong('phase', `is ${phase}, expected the number of a phase, 1 to ${last}`)]),
      ...(role === undefined ? [] : unknownRole(role, sound.keys('roles'), [...path, 'role'])),
    ]
  })
}
