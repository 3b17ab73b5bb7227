/** Joins the steps to a place in a JSON document into a JSON pointer (RFC 6901): `metadata`, `a/b` → `/metadata/a~1b`. */
export function pointer(...steps: readonly (string | number)[]): string {
  return steps.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
