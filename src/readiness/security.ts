import type { Check } from './check.ts'

/** What Slipway may do, and what the release brings with it. */
export const security: readonly Check[] = []
