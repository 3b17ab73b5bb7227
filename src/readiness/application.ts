import { health } from './application/health.ts'
import { imageExists } from './application/image-exists.ts'
import { imageNamed } from './application/image-named.ts'
import { imageNew } from './application/image-new.ts'
import { restarts } from './application/restarts.ts'
import { stableReady } from './application/stable-ready.ts'
import { stableSteady } from './application/stable-steady.ts'
import type { Check } from './check.ts'

/** What runs now, and what is to run. */
export const application: readonly Check[] = [
  stableReady,
  stableSteady,
  restarts,
  health,
  imageNamed,
  imageNew,
  imageExists,
]
