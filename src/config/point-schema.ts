import { z } from 'zod'
import { name, numberBetween, text, words } from './fields.ts'

/** One version's point of no return. */
export const pointFields = {
  version: text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'expected a version such as 5.2.0').describe('The version.'),
  phase: numberBetween(1, 99).describe('The phase that passes it when it starts; 1 is the first.'),
  what: words.describe('What a rollback does not undo, for people: a migration, for instance.'),
  role: name.describe('The role that signs for passing it.'),
}

/** The key `pointsOfNoReturn`. */
export const pointsOfNoReturn = z.array(z.strictObject(pointFields).describe('One of them.'))
