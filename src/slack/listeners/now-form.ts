import type { App } from '@slack/bolt'
import { call } from '../messenger.ts'
import { formName, nowView, readForm } from '../now-form.ts'
import { formPayload, nameOf } from '../payloads.ts'
import { readReference } from '../reference.ts'
import type { Reception } from './reception.ts'

/** Opens the form of `/deploy` alone; without it (Slack takes a trigger for 3 s only) the help does. */
export async function openNowForm(
  client: App['client'],
  reception: Reception,
  command: { readonly user_id: string; readonly user_name: string; readonly trigger_id: string },
): Promise<void> {
  const user = { id: command.user_id, name: command.user_name }
  const { trigger_id } = command
  const at = reception.now()
  try {
    const view = nowView(await reception.look.form(user, at))
    await call('views.open', () => client.views.open({ trigger_id, view }))
  } catch {
    const from = { via: 'command', channel: reception.channel() } as const
    await reception.desk.take({ id: `c-${trigger_id}`, at, user, from, ask: { kind: 'help' } })
  }
}

/** Takes what was entered. */
export function listenToNowForm(app: App, reception: Reception): void {
  app.view(formName, async ({ body, ack }) => {
    const { user, view } = formPayload.parse(body)
    const { choice, text } = view.state.values
    const read = readForm(choice?.choice.selected_option?.value, text?.text.value ?? '')
    if ('errors' in read) {
      await ack({ response_action: 'errors', errors: { ...read.errors } })
      return
    }
    const target = readReference(view.private_metadata, reception.service)
    const who = { id: user.id, name: nameOf(user) }
    const from = { via: 'form', channel: reception.channel() } as const
    const wish = { id: `v-${view.id}`, at: reception.now(), user: who, from, ask: read.ask }
    await reception.desk.take({ ...wish, ...(target !== null && { target }) })
    await ack()
  })
}
