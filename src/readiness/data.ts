import type { Check } from './check.ts'

/** Data and backup. */
export const data: readonly Check[] = []
