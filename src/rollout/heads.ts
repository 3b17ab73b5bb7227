import type { Event } from './events.ts'

const told: ReadonlySet<Event['type']> = new Set(['phase-started', 'window-opened', 'weights-restored', 'completed'])

/** Is the record's head told outside with this event? Each phase's start, all sign-offs given, and each end. */
export function tellsHead(event: Event): event is Event & { readonly hash: string } {
  return told.has(event.type) && event.hash !== undefined
}
