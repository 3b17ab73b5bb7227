/**
 * Every unchecked cast of Slipway stands in this file, each with the reason why the compiler can't see what holds.
 */
import type { change } from '@pagerduty/pdjs'
import type { ChangeParameters } from '@pagerduty/pdjs/build/src/events.d.ts'
import type { KnownBlock } from '@slack/web-api'
import { z } from 'zod'
import type { CheckSettings } from './config/config.ts'
import type { ErrorCode, errorTable } from './errors.ts'

/** The compiler does not correlate a generic code with the table's entry under that code; the table's own type does. */
export function wordsOf<C extends ErrorCode>(
  table: typeof errorTable,
  code: C,
): { what: (detail: unknown) => string; todo: (detail: unknown) => string } {
  return table[code] as never
}

/** PagerDuty's client sends a change event as it is given, but declares the type of an alert for it. */
export function changeParameters(parameters: ChangeParameters): Parameters<typeof change>[0] {
  return parameters as never
}

/** The settings under a check's name were made by that check's own schema; the list of all checks has no type for that. */
export function settingsOf(configured: CheckSettings): never {
  return configured as never
}

/** The compiler loses the fixed keys of an object schema when a generic shape is spread beside them. */
export function asCheckSchema(schema: z.ZodType): z.ZodType<CheckSettings> {
  return schema as z.ZodType<CheckSettings>
}

/** Blocks that were made here and went through a queue as JSON; Slack's library has their types, and no schema. */
export const madeBlocks = z.array(z.looseObject({ type: z.string() })) as unknown as z.ZodType<readonly KnownBlock[]>
