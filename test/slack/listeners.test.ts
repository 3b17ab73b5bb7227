import { expect, test } from 'vitest'
import { wishOf } from '../../src/slack/listeners/buttons.ts'
import { saidIn } from '../../src/slack/listeners/mention.ts'
import { writtenAsk } from '../../src/slack/listeners/reason-forms.ts'
import type { Reception } from '../../src/slack/listeners/reception.ts'
import { actionPayload } from '../../src/slack/payloads.ts'

const mention = (text: string) => ({ user: 'U0ANN', channel: 'C1', text, ts: '17.1' })

const slipway = { self: 'U0BOT', now: () => 60_000 }
const askOf = (text: string) => saidIn(mention(text), slipway).ask

test('a mention is a command where the message begins with it, and only the first time', () => {
  const said = saidIn(mention('<@U0BOT> status'), slipway)
  expect(said).toMatchObject({ id: 'm-17.1', ask: { kind: 'status' } })
  const edited = saidIn({ ...mention('<@U0BOT> rollback -f'), edited: { ts: '18.1' } }, slipway)
  expect(edited).toMatchObject({ id: 'm-17.1-18.1', ask: { kind: 'unclear' } })
})

test.each([
  ['<@U0BOT> resume', 'resume'],
  [' <@U0BOT|slipway>\nresume', 'resume'],
  ['<@U0BOT> handover <@U0BOB>', 'handover'],
  ['hey <@U0BOT> status', 'status'],
  ['<@U0BOB> see <@U0BOT> status', 'status'],
  ['If it burns, write <@U0BOT> rollback -f', 'unclear'],
  ['<@U0BO> <@U0BOT> rollback -f', 'unclear'],
  ['<@U0BOB> resume when <@U0BOT> is green again', 'unclear'],
  ['<@U0BOB> resume', 'unclear'],
  ['<@U0BOT2> resume', 'unclear'],
])('%s is taken as: %s', (text, kind) => expect(askOf(text)).toMatchObject({ kind }))

test.each([
  ['at once', 17_400, 17_400],
  ['soon', 40_000, 40_000],
  ['late, or once more', 77_400, 18_000],
])('a mention that is delivered %s counts from when it was said', (_, now, at) => {
  expect(saidIn(mention('<@U0BOT> resume'), { ...slipway, now: () => now }).at).toBe(at)
})

test('a press is answered where its message is seen: a card and a broadcast stand in the channel', () => {
  const reception: Pick<Reception, 'service' | 'now'> = { service: 'claude-enhancer', now: () => 1_000 }
  const pressed = (message: object) => {
    const payload = actionPayload.parse({
      ...{ user: { id: 'U0ANN', name: 'ann' }, channel: { id: 'C1' }, trigger_id: 't', message },
      actions: [{ action_id: 'pause', action_ts: '19.1', value: 'claude-enhancer/1/3' }],
    })
    return wishOf(payload, { kind: 'pause', reason: '' }, reception).thread
  }
  expect(pressed({ ts: '18.1', thread_ts: '17.1' })).toBe('17.1')
  expect(pressed({ ts: '17.1', thread_ts: '17.1' })).toBeUndefined()
  expect(pressed({ ts: '17.1' })).toBeUndefined()
  expect(pressed({ ts: '18.1', thread_ts: '17.1', subtype: 'thread_broadcast' })).toBeUndefined()
})

test('a button that names no rollout means what there was when it was shown', () => {
  const pressed = (value: string) => {
    const payload = actionPayload.parse({
      ...{ user: { id: 'U0ANN', name: 'ann' }, channel: { id: 'C1' }, trigger_id: 't' },
      container: { message_ts: '1782874880.000200' },
      actions: [{ action_id: 'confirm-roll-back', action_ts: '19.1', value }],
    })
    const ask = { kind: 'rollback', reason: '', forced: false, confirmed: true } as const
    return wishOf(payload, ask, { service: 'claude-enhancer', now: () => 1_000 })
  }
  expect(pressed('claude-enhancer/0/0')).toMatchObject({ shownAt: 1_782_874_880_000 })
  expect(pressed('claude-enhancer/0/0').target).toBeUndefined()
  expect(pressed('claude-enhancer/2/7')).toMatchObject({ target: { rollout: 2, version: 7 } })
  expect(pressed('claude-enhancer/2/7').shownAt).toBeUndefined()
  expect(pressed('claude-enhancer/2/7').question).toBeUndefined()
  expect(pressed('claude-enhancer/2/7/c-1.2.abc')).toMatchObject({ target: { rollout: 2 }, question: 'c-1.2.abc' })
  expect(pressed('claude-enhancer/0/0/c-1.2.abc')).toMatchObject({ shownAt: 1_782_874_880_000, question: 'c-1.2.abc' })
  expect(pressed('another/2/7/c-1.2.abc').question).toBeUndefined()
})

test('a form that takes a reason says when it was opened, where what it is about may have come since', () => {
  const written = (kind: Parameters<typeof writtenAsk>[0]) => writtenAsk(kind, 'known', 'claude-enhancer/1/1/1234')
  expect(written('accept-targets')).toEqual({ kind: 'accept-targets', reason: 'known', seen: 1_234 })
  expect(written('override')).toEqual({ kind: 'override', reason: 'known', seen: 1_234 })
  expect(written('reject')).toEqual({ kind: 'reject', reason: 'known' })
})
