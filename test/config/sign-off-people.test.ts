import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unservedRoles } from '../../src/config/sign-off-people.ts'

/** Tries every way: the most roles that can have a person each. */
function mostServed(roles: readonly (readonly string[])[], taken: readonly string[] = []): number {
  const [first, ...rest] = roles
  if (first === undefined) return 0
  const withPerson = first
    .filter((person) => !taken.includes(person))
    .map((person) => 1 + mostServed(rest, [...taken, person]))
  return Math.max(mostServed(rest, taken), ...withPerson)
}

describe('one person signs once', () => {
  it('finds the way round when the first choice is needed elsewhere', () => {
    expect(unservedRoles({ lead: ['A', 'B'], ops: ['A'] })).toEqual([])
  })

  it('sees that three roles of two people do not work out, though each two would', () => {
    expect(unservedRoles({ lead: ['A', 'B'], ops: ['A', 'B'], quality: ['A', 'B'] })).toEqual(['quality'])
  })

  it('leaves as few roles unserved as trying every way does', () => {
    const people = fc.uniqueArray(fc.constantFrom('A', 'B', 'C', 'D'))
    fc.assert(
      fc.property(fc.array(people, { maxLength: 5 }), (roles) => {
        const holders = Object.fromEntries(roles.map((users, index) => [`role-${index}`, users]))
        expect(unservedRoles(holders)).toHaveLength(roles.length - mostServed(roles))
      }),
    )
  })
})
