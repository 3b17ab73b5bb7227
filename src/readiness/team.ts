import type { Check } from './check.ts'

/** Team and communication. */
export const team: readonly Check[] = []
