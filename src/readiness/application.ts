import { imageNew } from './application/image-new.ts'
import { stableReady } from './application/stable-ready.ts'
import type { Check } from './check.ts'

/** What runs now, and what is to run. */
export const application: readonly Check[] = [stableReady, imageNew]
