/**
 * Every unchecked cast of Slipway stands in this file, each with the reason why the compiler can't see what holds.
 */
import type { ErrorCode, errorTable } from './errors.ts'

/** The compiler does not correlate a generic code with the table's entry under that code; the table's own type does. */
export function wordsOf<C extends ErrorCode>(
  table: typeof errorTable,
  code: C,
): { what: (detail: unknown) => string; todo: (detail: unknown) => string } {
  return table[code] as never
}
