import type { Event } from '../rollout/events.ts'

type Place = Pick<Event, 'service' | 'rollout' | 'version'>

/** What a button carries: the event that offered it. It holds no state; what it means is looked up in the ledger. */
export function reference(event: Place): string {
  return `${event.service}/${event.rollout}/${event.version}`
}

/**
 * The `block_id` by which an event's message is found again. It names the command, too: a Redis that came back older gives
 * the same versions out once more. The first event's is that of the card, which is known by the rollout alone.
 */
export function messageId(event: Place & Pick<Event, 'command'>): string {
  return event.version === 1 ? rootId(event) : `event/${reference(event)}/${event.command}`.slice(0, 255)
}

/** The `block_id` of a rollout's card. */
export function rootId({ service, rollout }: Pick<Event, 'service' | 'rollout'>): string {
  return `event/${reference({ service, rollout, version: 1 })}`
}

/** What the button below a question carries, too: the wish that was answered with it, which alone gives the reason. */
export function questionReference(event: Place, wish: string): string {
  return `${reference(event)}/${wish}`
}

/** The wish that a question's button was shown for; undefined of any other button. */
export function readQuestion(value: string): string | undefined {
  const [, , , ...wish] = value.split('/')
  return wish.length === 0 ? undefined : wish.join('/')
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
