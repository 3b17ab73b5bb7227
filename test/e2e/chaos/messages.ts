import { z } from 'zod'
import type { SlackMessage } from '../../../src/sandbox/slack-driver.ts'

const block = z.looseObject({ block_id: z.string() })

/** The ids of the blocks by which a message shows events, in order. */
export function eventIdsOf(message: SlackMessage): readonly string[] {
  return message.blocks.map((one) => block.safeParse(one).data?.block_id ?? '').filter((id) => id.startsWith('event/'))
}

/** The message that shows an event. */
export function messageOf(messages: readonly SlackMessage[], id: string): SlackMessage | undefined {
  return messages.find((message) => eventIdsOf(message).includes(id))
}
