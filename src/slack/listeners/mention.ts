import type { App } from '@slack/bolt'
import type { Ask, Wish } from '../ask.ts'
import { mention } from '../format.ts'
import { call } from '../messenger.ts'
import { parseCommand, unclear } from '../parse-command.ts'
import { type MentionPayload, mentionPayload } from '../payloads.ts'
import { typedText } from '../typed-text.ts'
import { type Reception, refusedElsewhere } from './reception.ts'

/** `@slipway status`: slash commands don't work inside threads, so a mention does the same. */
export function listenToMentions(app: App, reception: Reception): void {
  app.event('app_mention', async ({ event, client }) => {
    const payload = mentionPayload.parse(event)
    const { user, channel, thread_ts } = payload
    const thread = thread_ts === undefined ? {} : { thread: thread_ts }
    const by = { id: user, name: mention(user) }
    const from = { via: 'mention', channel } as const
    const wish = { ...saidIn(payload, reception), user: by, from, ...thread }
    if (channel !== reception.channel()) {
      const answer = { channel, user, text: refusedElsewhere(reception, wish), ...(thread_ts && { thread_ts }) }
      await call('chat.postEphemeral', () => client.chat.postEphemeral(answer))
      return
    }
    await reception.desk.take(wish)
  })
}

/** What a mention asks for, since when, and the id of its wish. What was said once was carried out or refused: something else takes another message. */
export function saidIn(
  { ts, text, edited }: MentionPayload,
  { self, now }: Pick<Reception, 'self' | 'now'>,
): Pick<Wish, 'id' | 'at' | 'ask'> {
  const [arrived, written] = [now(), endOfSecond(ts)]
  const at = arrived - written > arrivesWithin ? written : arrived
  if (edited === undefined) return { id: `m-${ts}`, at, ask: askOf(text, self) }
  return { id: `m-${ts}-${edited.ts}`, at, ask: unclear('An edited message does nothing: write a new one.', text) }
}

/**
 * A mention that arrives within this time (ms) after it was written counts from then on: by Slipway's own clock, as everything else that
 * it is compared with. Slack delivers again after one and after five minutes.
 */
const arrivesWithin = 30_000

/** Up to when a message was written, in ms since 1970. Behind the point of its timestamp Slack counts, and promises no time. */
function endOfSecond(ts: string): number {
  return (Math.floor(Number(ts)) + 1) * 1_000
}

/** What only looks. */
const looks: ReadonlySet<Ask['kind']> = new Set(['status', 'mine', 'history', 'help'])

/**
 * What stands after the mention of Slipway, whose user id is `self`. One within a text may talk about Slipway, not to it: that is
 * answered where it only looks.
 */
function askOf(text: string, self: string): Ask {
  const own = new RegExp(`<@${self}(?:\\|[^>]*)?>`)
  const found = own.exec(text)
  const before = text.slice(0, found?.index ?? 0)
  const typed = typedText(text.slice(before.length).replace(own, ''))
  const parsed = parseCommand(typed)
  if (!('ask' in parsed)) return unclear(parsed.mistake.replaceAll('/deploy', '@slipway'), typed)
  if ((found !== null && before.trim() === '') || looks.has(parsed.ask.kind)) return parsed.ask
  return unclear('A command begins with @slipway: write it in a message of its own.', text)
}
