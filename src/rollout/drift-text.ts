const between = '; '

/** Everything that differs, in one text. */
export function driftText(differences: readonly string[]): string {
  return differences.join(between)
}

/** Does this text tell of nothing that the other one does not? */
export function tellsNoMore(text: string, than: string): boolean {
  const known = than.split(between)
  return text.split(between).every((difference) => known.includes(difference))
}
