import type { EventBody } from './events.ts'
import type { Refusal } from './refusal.ts'

/** Events to append, none where nothing is left to do; or a refusal that its sender can read. */
export type Decision = { readonly events: readonly EventBody[] } | { readonly refusal: Refusal }

/** Nothing is left to do: the command repeats something, or its moment has passed. */
export const nothing: Decision = { events: [] }
