import { z } from 'zod'
import { type Arguments, textOf } from './arguments.ts'
import { type Refusal, refusal } from './refusal.ts'

const channel = z.object({
  id: z.string(),
  name: z.string(),
  is_private: z.boolean(),
  is_im: z.boolean(),
  members: z.array(z.string()),
})
/** A channel of the workspace, with its members. */
export type Channel = z.infer<typeof channel>

const state = z.object({ channels: z.array(channel) })

/** The channels as they are now, told by the workspace's page. */
export async function readChannels(pageUrl: string): Promise<readonly Channel[]> {
  const response = await fetch(`${pageUrl}/_control/state`)
  return state.parse(await response.json()).channels
}

/** The channel a call names, by id or by name; undefined when there is none, or it names none. */
export function channelOf(channels: readonly Channel[], args: Arguments): Channel | undefined {
  const named = textOf(args, 'channel')
  return channels.find(({ id, name }) => id === named || name === named?.replace(/^#/, ''))
}

/** Who may be written to without a channel: a person, or a conversation with one. */
const isDirect = (named: string) => /^[UWD]/.test(named)

/**
 * What is in the way of a call to a channel: `bot` must be in it to post, to read and to tell one of its members something; a
 * private channel shows itself to members alone (docs.slack.dev/reference/methods/…, Errors).
 */
export function channelRefusal(
  method: string,
  args: Arguments,
  found: Channel | undefined,
  bot: string,
): Refusal | null {
  const named = textOf(args, 'channel')
  const [family, verb] = method.split('.')
  if (!['chat', 'conversations'].includes(family ?? '') || ['list', 'create', 'open'].includes(verb ?? '')) return null
  if (named === undefined) return refusal('channel_not_found')
  if (found === undefined) return isDirect(named) ? null : refusal('channel_not_found')
  const isIn = found.members.includes(bot)
  if (!isIn && found.is_private) return refusal('channel_not_found')
  const membersOnly = ['chat.postMessage', 'chat.postEphemeral', 'conversations.history', 'conversations.replies']
  if (!isIn && membersOnly.includes(method)) return refusal('not_in_channel')
  if (method !== 'chat.postEphemeral') return null
  return found.members.includes(textOf(args, 'user') ?? '') ? null : refusal('user_not_in_channel')
}
