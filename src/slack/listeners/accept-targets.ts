import type { App } from '@slack/bolt'
import { call } from '../messenger.ts'
import { actionPayload, nameOf, viewPayload } from '../payloads.ts'
import { readReference } from '../reference.ts'
import type { Reception } from './reception.ts'

/** "Accept…": a form asks for the reason. */
export function listenToAcceptTargets(app: App, reception: Reception): void {
  app.action('accept-targets', async ({ body, ack, client }) => {
    const payload = actionPayload.parse(body)
    const { trigger_id } = payload
    const private_metadata = payload.actions[0]?.value ?? ''
    await call('views.open', () =>
      client.views.open({
        trigger_id,
        view: {
          type: 'modal',
          callback_id: 'accept-targets',
          private_metadata,
          title: { type: 'plain_text', text: 'Accept the figures' },
          submit: { type: 'plain_text', text: 'Accept' },
          blocks: [
            {
              type: 'input',
              block_id: 'reason',
              label: { type: 'plain_text', text: 'Why may the release go on although a target does not hold?' },
              element: { type: 'plain_text_input', action_id: 'reason', multiline: true, max_length: 500 },
            },
          ],
        },
      }),
    )
    await ack()
  })
  app.view('accept-targets', async ({ body, ack }) => {
    const { user, view } = viewPayload.parse(body)
    const reason = view.state.values.reason.reason.value?.trim() ?? ''
    if (reason === '') {
      await ack({ response_action: 'errors', errors: { reason: 'A reason is needed: it goes on record.' } })
      return
    }
    const target = readReference(view.private_metadata, reception.service)
    const ask = { kind: 'accept-targets', reason } as const
    const who = { id: user.id, name: nameOf(user) }
    await reception.desk.take({ id: `v-${view.id}`, at: reception.now(), user: who, ...(target && { target }), ask })
    await ack()
  })
}
