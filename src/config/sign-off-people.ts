/**
 * Can every role be signed by a different person? A bipartite matching of roles to people (augmenting paths).
 * Returns the roles that stay without a person, none when all are served.
 */
export function unservedRoles(holders: Readonly<Record<string, readonly string[]>>): readonly string[] {
  const roleOf = new Map<string, string>()

  const serve = (role: string, asked: Set<string>): boolean => {
    for (const person of holders[role] ?? []) {
      if (asked.has(person)) continue
      asked.add(person)
      const present = roleOf.get(person)
      if (present === undefined || serve(present, asked)) {
        roleOf.set(person, role)
        return true
      }
    }
    return false
  }

  return Object.keys(holders).filter((role) => !serve(role, new Set()))
}
