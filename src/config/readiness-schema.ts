import { z } from 'zod'
import { catalogue } from '../readiness/catalogue.ts'
import type { Config } from './config.ts'
import { duration, durationWithin } from './fields.ts'

const checks = z.strictObject(
  Object.fromEntries(
    catalogue.map((check) => [check.name, check.schema.prefault({}).describe(`${check.title}.`)] as const),
  ),
)

/** The readiness check: how long it holds, and what is checked how strictly. */
export const readiness: z.ZodType<Config['readiness']> = z.strictObject({
  validFor: durationWithin(24 * 3_600_000, '24h: a report is kept for a day')
    .prefault('30m')
    .describe('How long a report allows a start; at most 24h.'),
  timeout: duration.prefault('10s').describe('Time limit of one check.'),
  checks: checks.prefault({}).describe('Which checks are on, how severe, with what numbers.'),
})
