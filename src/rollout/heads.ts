import type { Event } from './events.ts'

/** With what the record's head is told outside: each phase's start, all sign-offs given, and each end. */
export const headTypes = [
  'phase-started',
  'window-opened',
  'weights-restored',
  'completed',
] as const satisfies readonly Event['type'][]
const told: ReadonlySet<Event['type']> = new Set(headTypes)

/** Is the record's head told outside with this event? */
export function tellsHead(event: Event): event is Event & { readonly hash: string } {
  return told.has(event.type) && event.hash !== undefined
}
