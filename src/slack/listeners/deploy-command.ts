import type { App } from '@slack/bolt'
import { parseCommand, unclear } from '../parse-command.ts'
import { commandPayload } from '../payloads.ts'
import { typedText } from '../typed-text.ts'
import { openNowForm } from './now-form.ts'
import { type Reception, refusedElsewhere } from './reception.ts'

/** `/deploy …`: parsed and handed on before it is acknowledged; what is wrong is answered at once. Alone it opens a form. */
export function listenToDeploy(app: App, reception: Reception): void {
  app.command('/deploy', async ({ command, ack, client }) => {
    const payload = commandPayload.parse(command)
    const typed = typedText(payload.text)
    const parsed = parseCommand(typed)
    const ask = 'ask' in parsed ? parsed.ask : unclear(parsed.mistake, typed)
    const user = { id: payload.user_id, name: payload.user_name }
    const from = { via: 'command', channel: payload.channel_id } as const
    const wish = { id: `c-${payload.trigger_id}`, at: reception.now(), user, from, ask }
    if (payload.channel_id !== reception.channel()) {
      await ack({ response_type: 'ephemeral', text: refusedElsewhere(reception, wish) })
      return
    }
    if (typed.trim() === '') {
      await ack()
      await openNowForm(client, reception, payload)
      return
    }
    await reception.desk.take(wish)
    await ack()
  })
}
