import type { RoleConfig } from '../../src/config/config.ts'
import type { SlipwayError } from '../../src/errors.ts'
import type { People } from '../../src/jobs/ports.ts'

/** People in memory: those whom the roles name. */
export interface FakePeople extends People {
  /** Nobody can be looked up, for this reason, as long as it is set. */
  failing: SlipwayError | null
  /** User ids of those who are no full members, or no more. */
  readonly gone: Set<string>
  /** User ids of those who are on call. */
  readonly onCall: Set<string>
}

export function createFakePeople(roles: () => Readonly<Record<string, RoleConfig>>): FakePeople {
  const holdersOf = (role: string) => (roles()[role]?.users ?? []).filter((user) => !people.gone.has(user))
  const people: FakePeople = {
    failing: null,
    gone: new Set(),
    onCall: new Set(),
    async rolesOf(user, among) {
      if (people.failing !== null) throw people.failing
      return among.filter((role) => holdersOf(role).includes(user))
    },
    async isMember(user) {
      if (people.failing !== null) throw people.failing
      return !people.gone.has(user)
    },
    async isOnCall(user) {
      if (people.failing !== null) throw people.failing
      return people.onCall.has(user)
    },
    async nameOf(user) {
      if (people.failing !== null) throw people.failing
      return user.toLowerCase()
    },
    async holdersOf(among) {
      if (people.failing !== null) throw people.failing
      return Object.fromEntries(among.map((role) => [role, holdersOf(role)]))
    },
  }
  return people
}
