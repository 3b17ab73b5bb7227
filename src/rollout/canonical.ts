/** JSON whose text is the same for the same value, whatever the order of keys or of a set's members. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(inOrder(value))
}

/** A copy whose keys stand in order: that and the plain writer together take less than half the time of a writer with a replacer. */
function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(inOrder)
  if (value instanceof Set) return [...value].toSorted().map(inOrder)
  const members: Readonly<Record<string, unknown>> = { ...value }
  const keys = Object.keys(members).sort()
  // A line may hold any key. Assigned, this one would be missing from what is hashed.
  if (keys.includes('__proto__')) return Object.fromEntries(keys.map((key) => [key, inOrder(members[key])]))
  const copy: Record<string, unknown> = {}
  for (const key of keys) copy[key] = inOrder(members[key])
  return copy
}
