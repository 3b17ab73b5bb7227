import type { App } from '@slack/bolt'
import type { Ask, Wish } from '../ask.ts'
import { type ActionPayload, actionPayload, nameOf } from '../payloads.ts'
import { readReference } from '../reference.ts'
import { approveAs, tickOff } from '../sign-off-buttons.ts'
import type { Reception } from './reception.ts'

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
}

/** Every button but those that open a form. */
export function listenToButtons(app: App, reception: Reception): void {
  for (const [action, ask] of Object.entries(asks)) {
    app.action(action, async ({ body, ack }) => {
      await reception.desk.take(wishOf(actionPayload.parse(body), ask, reception))
      await ack()
    })
  }
  // What the button says of itself is part of its name: a value holds no state.
  listenToEach(approveAs, (role) => ({ kind: 'approve', role }))
  listenToEach(tickOff, (place) => ({ kind: 'tick-checkpoint', checkpoint: Number(place) }))
  app.action('start', async ({ body, ack }) => {
    const payload = actionPayload.parse(body)
    const version = payload.actions[0]?.value ?? ''
    await reception.desk.take(wishOf(payload, { kind: 'start', version }, reception))
    await ack()
  })

  function listenToEach(name: string, askOf: (rest: string) => Ask): void {
    app.action(new RegExp(`^${name}:`), async ({ body, ack }) => {
      const payload = actionPayload.parse(body)
      const rest = payload.actions[0]?.action_id.slice(name.length + 1) ?? ''
      await reception.desk.take(wishOf(payload, askOf(rest), reception))
      await ack()
    })
  }
}

/** A press of a button as a wish. */
export function wishOf(payload: ActionPayload, ask: Ask, reception: Reception): Wish {
  const [pressed] = payload.actions
  const target = readReference(pressed?.value ?? '', reception.service)
  const thread = payload.message?.thread_ts ?? payload.container?.thread_ts
  return {
    id: `a-${payload.trigger_id}-${pressed?.action_ts ?? ''}`,
    at: reception.now(),
    user: { id: payload.user.id, name: nameOf(payload.user) },
    from: { via: 'button', channel: payload.channel.id },
    ...(thread !== undefined && { thread }),
    ...(target !== null && target.rollout > 0 && { target }),
    ask,
  }
}
