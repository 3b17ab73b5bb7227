import type { Config } from '../config/config.ts'
import { type Projection, projections } from '../rollout/effects.ts'

/**
 * What turns a rollout's events into something people see, as configured, among these (by default all): without a sink none is
 * woken for it. One that is configured later begins with the first event of each open rollout.
 */
export function projectionsOf(
  { record }: Pick<Config, 'record'>,
  among: readonly Projection[] = projections,
): readonly Projection[] {
  return record.sink === undefined ? among.filter((name) => name !== 'sink') : among
}
