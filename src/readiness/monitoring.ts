import type { Check } from './check.ts'
import { queries } from './monitoring/queries.ts'

/** What watches the release can see. */
export const monitoring: readonly Check[] = [queries]
