import type { App } from '@slack/bolt'
import { type Ask, longestReason } from '../ask.ts'
import { call } from '../messenger.ts'
import { parseReason } from '../parse-command.ts'
import { actionPayload, nameOf, viewPayload } from '../payloads.ts'
import { readReference } from '../reference.ts'
import { answerElsewhere, isElsewhere, wishOf } from './buttons.ts'
import type { Reception } from './reception.ts'

/** A button that asks for a reason before anything is done. */
interface ReasonForm {
  readonly kind: Extract<Ask['kind'], 'accept-targets' | 'reject' | 'override'>
  readonly title: string
  readonly submit: string
  readonly label: string
}

const forms: readonly ReasonForm[] = [
  {
    kind: 'accept-targets',
    title: 'Accept it as it is',
    submit: 'Accept',
    label: 'Why may the release go on all the same?',
  },
  {
    kind: 'reject',
    title: 'Reject the plan',
    submit: 'Reject',
    label: 'Why should it not be done like this? The thread shows it.',
  },
  {
    kind: 'override',
    title: 'Override the hold',
    submit: 'Override',
    label: 'Why may this rollout go on in spite of what holds it? The thread shows it.',
  },
]

/** "Accept…", "Reject…": a form asks for the reason; whoever presses too late is told so before writing one. */
export function listenToReasonForms(app: App, reception: Reception): void {
  for (const form of forms) listenToForm(app, reception, form)
}

function listenToForm(app: App, reception: Reception, { kind, title, submit, label }: ReasonForm): void {
  app.action(kind, async ({ body, ack, client }) => {
    const payload = actionPayload.parse(body)
    const wish = wishOf(payload, { kind, reason: 'not written yet' }, reception)
    if (isElsewhere(payload, reception)) {
      await ack()
      await answerElsewhere(client, wish, payload, reception)
      return
    }
    await ack()
    const answer = (mistake: string) => reception.desk.take({ ...wish, ask: { kind: 'unclear', mistake } })
    const against = await reception.look.against(wish)
    if (against !== null) {
      await answer(against)
      return
    }
    const { trigger_id } = payload
    // Behind what an older Slipway, which may take the form, reads of it.
    const private_metadata = `${payload.actions[0]?.value ?? ''}/${reception.now()}`
    await call('views.open', () =>
      client.views.open({
        trigger_id,
        view: {
          type: 'modal',
          callback_id: kind,
          private_metadata,
          title: { type: 'plain_text', text: title },
          submit: { type: 'plain_text', text: submit },
          blocks: [
            {
              type: 'input',
              block_id: 'reason',
              label: { type: 'plain_text', text: label },
              element: { type: 'plain_text_input', action_id: 'reason', multiline: true, max_length: longestReason },
            },
          ],
        },
      }),
    ).catch(() => answer('Slack did not open the form in time. Nothing was done; press the button again.'))
  })
  app.view(kind, async ({ body, ack }) => {
    const { user, view } = viewPayload.parse(body)
    const read = parseReason(view.state.values.reason.reason.value ?? '')
    if ('mistake' in read) {
      await ack({ response_action: 'errors', errors: { reason: read.mistake } })
      return
    }
    const target = readReference(view.private_metadata, reception.service)
    const who = { id: user.id, name: nameOf(user) }
    const from = { via: 'form', channel: reception.channel() } as const
    await reception.desk.take({
      id: `v-${view.id}`,
      at: reception.now(),
      user: who,
      from,
      ...(target && { target }),
      ask: writtenAsk(kind, read.reason, view.private_metadata),
    })
    await ack()
  })
}

/** What somebody asks for who has written a reason: they have seen what stood there when the form was opened, which stands last in `metadata`. */
export function writtenAsk(kind: ReasonForm['kind'], reason: string, metadata: string): Ask {
  const [, , , opened] = metadata.split('/')
  return kind === 'reject' || opened === undefined ? { kind, reason } : { kind, reason, seen: Number(opened) }
}
