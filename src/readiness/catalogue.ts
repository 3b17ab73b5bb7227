import { agents } from './agents.ts'
import { application } from './application.ts'
import type { Check } from './check.ts'
import { configuration } from './configuration.ts'
import { data } from './data.ts'
import { infrastructure } from './infrastructure.ts'
import { monitoring } from './monitoring.ts'
import { security } from './security.ts'
import { team } from './team.ts'

/** Every check, by category in the order of the report. */
export const catalogue: readonly Check[] = [
  ...infrastructure,
  ...application,
  ...configuration,
  ...monitoring,
  ...agents,
  ...data,
  ...security,
  ...team,
]
