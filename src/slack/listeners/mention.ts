import type { App } from '@slack/bolt'
import { parseCommand } from '../parse-command.ts'
import { mentionPayload } from '../payloads.ts'
import type { Reception } from './reception.ts'

/** `@slipway status`: slash commands don't work inside threads, so a mention does the same. */
export function listenToMentions(app: App, reception: Reception): void {
  app.event('app_mention', async ({ event }) => {
    const payload = mentionPayload.parse(event)
    if (payload.channel !== reception.channel()) return
    const parsed = parseCommand(payload.text.replace(/<@[^>]+>/, ''))
    const ask = 'ask' in parsed ? parsed.ask : ({ kind: 'help' } as const)
    const user = { id: payload.user, name: payload.user }
    const thread = payload.thread_ts === undefined ? {} : { thread: payload.thread_ts }
    await reception.desk.take({ id: `m-${payload.ts}`, at: reception.now(), user, ...thread, ask })
  })
}
