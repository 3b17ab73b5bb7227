/** The `$…` names of a query. */
export function variablesOf(query: string): ReadonlySet<string> {
  return new Set(query.match(/\$[A-Za-z_][A-Za-z0-9_]*/g) ?? [])
}

/** The first range that is written out, such as `[5m]`: it could look back to before the phase. */
export function fixedRangeOf(query: string): string | undefined {
  const withoutStrings = query.replaceAll(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`/g, '""')
  return /\[\s*\d+[a-z][^\]]*\]/.exec(withoutStrings)?.[0]
}

/** What is wrong with a query's variables: some of `needed` missing, or one that is neither needed nor `allowed`. */
export function variableMistakes(query: string, needed: readonly string[], allowed: readonly string[]): string[] {
  const used = variablesOf(query)
  const usable = [...needed, ...allowed]
  return [
    ...needed.filter((name) => !used.has(name)).map((name) => `has no ${name}, expected ${name} in it`),
    ...[...used]
      .filter((name) => !usable.includes(name))
      .map((name) => `has ${name}, expected ${usable.join(', ')} only`),
  ]
}
