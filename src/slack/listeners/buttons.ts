import type { App } from '@slack/bolt'
import { readRelease } from '../../config/release-name.ts'
import type { Ask, Wish } from '../ask.ts'
import { call } from '../messenger.ts'
import { type ActionPayload, actionPayload, nameOf } from '../payloads.ts'
import { readQuestion, readReference } from '../reference.ts'
import { approveAs, tickOff } from '../sign-off-buttons.ts'
import { type Reception, refusedElsewhere } from './reception.ts'

const asks: Readonly<Record<string, Ask>> = {
  approve: { kind: 'approve' },
  withdraw: { kind: 'withdraw' },
  nudge: { kind: 'nudge' },
  cancel: { kind: 'cancel' },
  advance: { kind: 'advance' },
  pause: { kind: 'pause', reason: '' },
  resume: { kind: 'resume' },
  retry: { kind: 'retry' },
  'extend-soak': { kind: 'extend-soak' },
  finish: { kind: 'finish' },
  abort: { kind: 'abort', reason: '' },
  'take-over': { kind: 'take-over' },
  'approve-skip': { kind: 'approve-skip' },
  'reject-skip': { kind: 'reject-skip' },
  'roll-back': { kind: 'rollback', reason: '', forced: false, confirmed: false },
  'confirm-roll-back': { kind: 'rollback', reason: '', forced: false, confirmed: true },
  'confirm-again': { kind: 'rollback', reason: '', forced: false, confirmed: true, again: true },
}

/** Every button but those that open a form. */
export function listenToButtons(app: App, reception: Reception): void {
  for (const [action, ask] of Object.entries(asks)) listenTo(action, () => ask)
  // What the button says of itself is part of its name: a value holds no state.
  listenToEach(approveAs, (role) => ({ kind: 'approve', role }))
  listenToEach(tickOff, (place) => ({ kind: 'tick-checkpoint', checkpoint: Number(place) }))
  listenTo('start', ({ actions: [pressed] }) => ({ kind: 'start', ...readRelease(pressed?.value ?? '') }))

  function listenToEach(name: string, askOf: (rest: string) => Ask): void {
    listenTo(new RegExp(`^${name}:`), ({ actions: [pressed] }) =>
      askOf(pressed?.action_id.slice(name.length + 1) ?? ''),
    )
  }

  function listenTo(action: string | RegExp, askOf: (payload: ActionPayload) => Ask): void {
    app.action(action, async ({ body, ack, client }) => {
      const payload = actionPayload.parse(body)
      const wish = wishOf(payload, askOf(payload), reception)
      if (isElsewhere(payload, reception)) {
        await ack()
        await answerElsewhere(client, wish, payload, reception)
        return
      }
      await reception.desk.take(wish)
      await ack()
    })
  }
}

/** Was it pressed in a channel where no releases are run (any more)? */
export function isElsewhere({ channel }: ActionPayload, reception: Reception): boolean {
  return channel.id !== reception.channel()
}

/** Says where releases are run to whoever pressed a button elsewhere. */
export async function answerElsewhere(
  client: App['client'],
  wish: Wish,
  { channel, user }: ActionPayload,
  reception: Reception,
): Promise<void> {
  const answer = { channel: channel.id, user: user.id, text: refusedElsewhere(reception, wish) }
  await call('chat.postEphemeral', () => client.chat.postEphemeral(answer))
}

/** The thread in which it was pressed: an answer there is not seen by who presses a button of what stands in the channel. */
function threadOf({ message, container }: ActionPayload): string | undefined {
  const isInChannel =
    message !== undefined && (message.thread_ts === message.ts || message.subtype === 'thread_broadcast')
  return isInChannel ? undefined : (message?.thread_ts ?? container?.thread_ts)
}

function shownAt({ message, container }: ActionPayload): Pick<Wish, 'shownAt'> {
  const at = Math.round(Number(message?.ts ?? container?.message_ts) * 1_000)
  return Number.isFinite(at) ? { shownAt: at } : {}
}

/** A press of a button as a wish. */
export function wishOf(payload: ActionPayload, ask: Ask, reception: Pick<Reception, 'service' | 'now'>): Wish {
  const [pressed] = payload.actions
  const value = pressed?.value ?? ''
  const target = readReference(value, reception.service)
  const question = target === null ? undefined : readQuestion(value)
  const thread = threadOf(payload)
  return {
    id: `a-${payload.trigger_id}-${pressed?.action_ts ?? ''}`,
    at: reception.now(),
    user: { id: payload.user.id, name: nameOf(payload.user) },
    from: { via: 'button', channel: payload.channel.id },
    ...(thread !== undefined && { thread }),
    ...(target !== null && (target.rollout > 0 ? { target } : shownAt(payload))),
    ...(question !== undefined && { question }),
    ask,
  }
}
