import type { App } from '@slack/bolt'
import type { Ask } from '../ask.ts'
import { mention } from '../format.ts'
import { call } from '../messenger.ts'
import { parseCommand, unclear } from '../parse-command.ts'
import { mentionPayload } from '../payloads.ts'
import { typedText } from '../typed-text.ts'
import { type Reception, refusedElsewhere } from './reception.ts'

/** `@slipway status`: slash commands don't work inside threads, so a mention does the same. */
export function listenToMentions(app: App, reception: Reception): void {
  app.event('app_mention', async ({ event, client }) => {
    const { user, channel, text, ts, thread_ts } = mentionPayload.parse(event)
    const thread = thread_ts === undefined ? {} : { thread: thread_ts }
    const by = { id: user, name: mention(user) }
    const from = { via: 'mention', channel } as const
    const wish = { id: `m-${ts}`, at: reception.now(), user: by, from, ...thread, ask: askOf(text) }
    if (channel !== reception.channel()) {
      const answer = { channel, user, text: refusedElsewhere(reception, wish), ...(thread_ts && { thread_ts }) }
      await call('chat.postEphemeral', () => client.chat.postEphemeral(answer))
      return
    }
    await reception.desk.take(wish)
  })
}

/** What stands after the mention. */
function askOf(text: string): Ask {
  const typed = typedText(text.replace(/^.*?<@[^>]+>/s, ''))
  const parsed = parseCommand(typed)
  if ('ask' in parsed) return parsed.ask
  return unclear(parsed.mistake.replaceAll('/deploy', '@slipway'), typed)
}
