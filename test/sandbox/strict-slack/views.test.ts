import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { channelId, slackApp, userOf } from '../../../src/sandbox/slack-workspace.ts'
import { type Strict, startStrict } from './strict.ts'

const envelope = z.object({ envelope_id: z.string(), payload: z.object({ trigger_id: z.string() }) })
const opened = z.object({ url: z.string() })

let strict: Strict
let socket: WebSocket
const triggers: string[] = []
beforeAll(async () => {
  strict = await startStrict()
  const { body } = await strict.call('apps.connections.open', {}, slackApp.appToken)
  const { url } = opened.parse(body)
  // Through the layer, not past it.
  expect(new URL(url).port).toBe(new URL(strict.slack.url).port)
  socket = new WebSocket(url)
  socket.addEventListener('message', ({ data }) => {
    const received = envelope.safeParse(JSON.parse(String(data)))
    if (!received.success) return
    triggers.push(received.data.payload.trigger_id)
    socket.send(JSON.stringify({ envelope_id: received.data.envelope_id }))
  })
  await once(socket, 'open')
})
afterAll(async () => {
  socket.close()
  await strict.stop()
})

/** Types a command and takes the trigger that comes with it. */
async function trigger(): Promise<string> {
  const before = triggers.length
  await fetch(`${strict.slack.url}/_control/command`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ channel: channelId, user: userOf('sre'), command: '/deploy', text: '' }),
  })
  await expect.poll(() => triggers.length).toBe(before + 1)
  return triggers.at(-1) ?? ''
}

const plain = (text: string) => ({ type: 'plain_text', text })
const letters = (count: number) => 'x'.repeat(count)
const section = { type: 'section', text: plain('a') }
const view = (more: object = {}) => ({ type: 'modal', title: plain('Deploy'), blocks: [section], ...more })
const open = (shown: object, trigger_id: string) => strict.call('views.open', { trigger_id, view: shown })
const input = (element: object) => ({ type: 'input', block_id: 'a', label: plain('Why?'), element })
const radio = (count: number, text = 'a', value = 'a') => {
  const options = Array.from({ length: count }, () => ({ text: plain(text), value }))
  return input({ type: 'radio_buttons', action_id: 'a', options })
}
const withInput = (block: object) => view({ submit: plain('Do it'), blocks: [block] })

describe('a modal', () => {
  const edges: readonly (readonly [string, object, object, string])[] = [
    [
      'a title of 24',
      view({ title: plain(letters(24)) }),
      view({ title: plain(letters(25)) }),
      'must be less than 25 characters [json-pointer:/view/title/text]',
    ],
    [
      'a button of 24',
      view({ submit: plain(letters(24)) }),
      view({ submit: plain(letters(25)) }),
      'must be less than 25 characters [json-pointer:/view/submit/text]',
    ],
    [
      'private_metadata of 3,000',
      view({ private_metadata: letters(3_000) }),
      view({ private_metadata: letters(3_001) }),
      'must be less than 3001 characters [json-pointer:/view/private_metadata]',
    ],
    [
      'a callback_id of 255',
      view({ callback_id: letters(255) }),
      view({ callback_id: letters(256) }),
      'must be less than 256 characters [json-pointer:/view/callback_id]',
    ],
    [
      '100 blocks',
      view({ blocks: Array(100).fill(section) }),
      view({ blocks: Array(101).fill(section) }),
      'no more than 100 items allowed [json-pointer:/view/blocks]',
    ],
    [
      'a submit beside an input',
      withInput(radio(1)),
      view({ blocks: [radio(1)] }),
      'missing required field: submit [json-pointer:/view]',
    ],
    [
      '10 options',
      withInput(radio(10)),
      withInput(radio(11)),
      'no more than 10 items allowed [json-pointer:/view/blocks/0/element/options]',
    ],
    [
      'an option of 75',
      withInput(radio(1, letters(75))),
      withInput(radio(1, letters(76))),
      'must be less than 76 characters [json-pointer:/view/blocks/0/element/options/0/text/text]',
    ],
    [
      'an option value of 150',
      withInput(radio(1, 'a', letters(150))),
      withInput(radio(1, 'a', letters(151))),
      'must be less than 151 characters [json-pointer:/view/blocks/0/element/options/0/value]',
    ],
    [
      '3,000 to type',
      withInput(input({ type: 'plain_text_input', max_length: 3_000 })),
      withInput(input({ type: 'plain_text_input', max_length: 3_001 })),
      'must be less than 3001 [json-pointer:/view/blocks/0/element/max_length]',
    ],
    ['a type', view(), view({ type: 'window' }), 'unsupported type: window [json-pointer:/view/type]'],
  ]
  test.each(edges)('%s, and no more', async (_, fits, doesNot, mistake) => {
    const given = await trigger()
    expect((await open(doesNot, given)).body).toEqual({
      ok: false,
      error: 'invalid_arguments',
      errors: [mistake],
      response_metadata: { messages: [`[ERROR] ${mistake}`] },
    })
    // What was refused has used nothing up.
    expect((await open(fits, given)).body).toMatchObject({ ok: true })
  })

  test('is looked at when it is changed, too', async () => {
    const changed = await strict.call('views.update', { view_id: 'V1', view: view({ title: plain(letters(25)) }) })
    expect(changed.body).toMatchObject({ error: 'invalid_arguments' })
  })
})

describe('a trigger', () => {
  test('may be used for 3 s', async () => {
    const [first, second] = [await trigger(), await trigger()]
    strict.time += 3_000
    expect((await open(view(), first)).body).toMatchObject({ ok: true })
    strict.time += 1
    expect((await open(view(), second)).body).toEqual({ ok: false, error: 'expired_trigger_id' })
  })

  test('opens one form', async () => {
    const first = await trigger()
    expect((await open(view(), first)).body).toMatchObject({ ok: true })
    expect((await open(view(), first)).body).toEqual({ ok: false, error: 'exchanged_trigger_id' })
  })

  test('must be there, and one that was given out', async () => {
    expect((await strict.call('views.open', { view: view() })).body).toMatchObject({ error: 'invalid_arguments' })
    expect((await open(view(), '1.2.abc')).body).toMatchObject({ error: 'invalid_trigger_id' })
  })
})
