import type { Check } from './check.ts'

/** Agents and workflows. */
export const agents: readonly Check[] = []
