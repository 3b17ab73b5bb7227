import type { Evidence } from './events.ts'

/**
 * The newest number that broke the limit, in the metric's unit, whatever was missing since; null where none of the readings had a number, and
 * that counts as broken.
 */
export function brokenBy({ readings, value }: Pick<Evidence, 'readings' | 'value'>): number | null {
  return readings.findLast((r) => r.value !== null)?.value ?? value
}
