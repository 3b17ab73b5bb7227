import type { Event } from '../rollout/events.ts'

type Place = Pick<Event, 'service' | 'rollout' | 'version'>

/** What a button carries: the event that offered it. It holds no state; what it means is looked up in the ledger. */
export function reference(event: Place): string {
  return `${event.service}/${event.rollout}/${event.version}`
}

/** The `block_id` by which an event's message is found again. */
export function messageId(event: Place): string {
  return `event/${reference(event)}`
}

/** Reads a button's value; null when it is none of ours. */
export function readReference(
  value: string,
  service: string,
): { readonly rollout: number; readonly version: number } | null {
  const [of, rollout, version] = value.split('/')
  if (of !== service || !/^\d+$/.test(rollout ?? '') || !/^\d+$/.test(version ?? '')) return null
  return { rollout: Number(rollout), version: Number(version) }
}
