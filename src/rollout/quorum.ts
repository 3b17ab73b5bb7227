import type { Role } from './plan.ts'

/** User ids of the people who are known to hold each role at this moment. */
export type Known = Readonly<Record<Role, readonly string[]>>

/**
 * The sign-offs that stay without a person when everybody gives one at most: a bipartite matching of sign-offs to people
 * (augmenting paths). `needed` names a role once for each sign-off. Empty when there is somebody for all of them.
 */
export function unserved(needed: readonly Role[], known: Known): readonly Role[] {
  const signs = new Map<string, number>()

  const serve = (index: number, asked: Set<string>): boolean => {
    for (const person of known[needed[index] ?? ''] ?? []) {
      if (asked.has(person)) continue
      asked.add(person)
      const present = signs.get(person)
      if (present === undefined || serve(present, asked)) {
        signs.set(person, index)
        return true
      }
    }
    return false
  }

  return needed.filter((_, index) => !serve(index, new Set()))
}

/** Is there one among these people without whom everything can still be signed? Whoever asks where the requester may not sign is one. */
export function canSpareOne(people: readonly string[], needed: readonly Role[], known: Known): boolean {
  return people.some((person) => {
    const others = Object.entries(known).map(([role, holders]) => [role, holders.filter((h) => h !== person)])
    return unserved(needed, Object.fromEntries(others)).length === 0
  })
}

/** A role that somebody could sign as, and whether there is somebody known for everything that would then still be missing. */
export interface Offer {
  readonly role: Role
  readonly reachable: boolean
}

/**
 * The roles that one person could sign as, those first that leave the rest within reach. `missing` names a role once for each
 * sign-off; `others` are those who could give the rest, without this person.
 */
export function offersOf(missing: readonly Role[], fitting: readonly Role[], others: Known): readonly Offer[] {
  const offers = fitting.map((role) => ({ role, reachable: unserved(less(missing, [role]), others).length === 0 }))
  return [...offers.filter((o) => o.reachable), ...offers.filter((o) => !o.reachable)]
}

/** What is left of a list when each of `taken` has been taken out once. */
export function less(list: readonly Role[], taken: readonly Role[]): readonly Role[] {
  const left = [...taken]
  return list.filter((role) => {
    const index = left.indexOf(role)
    if (index >= 0) left.splice(index, 1)
    return index < 0
  })
}
