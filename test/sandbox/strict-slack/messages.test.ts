import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { channelId, slackApp } from '../../../src/sandbox/slack-workspace.ts'
import { type Strict, startStrict } from './strict.ts'

let strict: Strict
beforeAll(async () => {
  strict = await startStrict()
})
beforeEach(() => {
  strict.time += 3_600_000
})
afterAll(() => strict.stop())

const plain = (text: string) => ({ type: 'plain_text', text })
const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } })
const button = (more: object = {}) => ({ type: 'button', action_id: 'go', text: plain('Go'), ...more })
const actions = (...elements: object[]) => ({ type: 'actions', elements })
const letters = (count: number) => 'x'.repeat(count)
const many = <T>(count: number, one: (index: number) => T) => Array.from({ length: count }, (_, index) => one(index))

/** What just fits, what just does not, and what is said of it. */
const edges: readonly (readonly [string, object[], object[], string])[] = [
  [
    '50 blocks',
    many(50, () => section('a')),
    many(51, () => section('a')),
    'no more than 50 items allowed [json-pointer:/blocks]',
  ],
  [
    'a section of 3,000',
    [section(letters(3_000))],
    [section(letters(3_001))],
    'must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
  ],
  ['a text', [section('a')], [section('')], 'must be more than 0 characters [json-pointer:/blocks/0/text/text]'],
  [
    'a header of 150',
    [{ type: 'header', text: plain(letters(150)) }],
    [{ type: 'header', text: plain(letters(151)) }],
    'must be less than 151 characters [json-pointer:/blocks/0/text/text]',
  ],
  [
    'a plain header',
    [{ type: 'header', text: plain('a') }],
    [{ type: 'header', text: { type: 'mrkdwn', text: 'a' } }],
    'unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]',
  ],
  [
    'fields',
    [{ type: 'section', fields: [plain(letters(2_000))] }],
    [{ type: 'section', fields: [plain(letters(2_001))] }],
    'must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]',
  ],
  [
    'a section with something in it',
    [section('a')],
    [{ type: 'section' }],
    'missing required field: text [json-pointer:/blocks/0]',
  ],
  [
    '10 in a context',
    [{ type: 'context', elements: many(10, () => plain('a')) }],
    [{ type: 'context', elements: many(11, () => plain('a')) }],
    'no more than 10 items allowed [json-pointer:/blocks/0/elements]',
  ],
  [
    '25 buttons',
    [actions(...many(25, (i) => button({ action_id: `go-${i}` })))],
    [actions(...many(26, (i) => button({ action_id: `go-${i}` })))],
    'no more than 25 items allowed [json-pointer:/blocks/0/elements]',
  ],
  [
    'a button at least',
    [actions(button())],
    [actions()],
    'no fewer than 1 item allowed [json-pointer:/blocks/0/elements]',
  ],
  [
    'a label of 75',
    [actions(button({ text: plain(letters(75)) }))],
    [actions(button({ text: plain(letters(76)) }))],
    'must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]',
  ],
  [
    'a value of 2,000',
    [actions(button({ value: letters(2_000) }))],
    [actions(button({ value: letters(2_001) }))],
    'must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]',
  ],
  [
    'an action_id of 255',
    [actions(button({ action_id: letters(255) }))],
    [actions(button({ action_id: letters(256) }))],
    'must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]',
  ],
  [
    'a block_id of 255',
    [{ ...section('a'), block_id: letters(255) }],
    [{ ...section('a'), block_id: letters(256) }],
    'must be less than 256 characters [json-pointer:/blocks/0/block_id]',
  ],
  [
    'each block_id once',
    [
      { ...section('a'), block_id: 'a' },
      { ...section('a'), block_id: 'b' },
    ],
    [
      { ...section('a'), block_id: 'a' },
      { ...section('a'), block_id: 'a' },
    ],
    'block_id a is not unique [json-pointer:/blocks/1/block_id]',
  ],
  [
    'each action_id once a block',
    [actions(button()), actions(button())],
    [actions(button(), button())],
    'action_id is not unique [json-pointer:/blocks/0/elements/1/action_id]',
  ],
  [
    'two styles',
    [actions(button({ style: 'danger' }))],
    [actions(button({ style: 'warning' }))],
    'must be one of primary, danger [json-pointer:/blocks/0/elements/0/style]',
  ],
  [
    'what it knows of a button',
    [actions(button())],
    [actions(button({ colour: 'red' }))],
    'invalid additional property: colour [json-pointer:/blocks/0/elements/0]',
  ],
  [
    'types it knows',
    [{ type: 'divider' }],
    [{ type: 'sections' }],
    'unsupported type: sections [json-pointer:/blocks/0/type]',
  ],
  [
    'elements it knows',
    [actions(button())],
    [actions({ type: 'knob' })],
    'unsupported type: knob [json-pointer:/blocks/0/elements/0/type]',
  ],
  ['blocks that are objects', [section('a')], [Object('a')], 'must provide object [json-pointer:/blocks/0]'],
]

describe('blocks', () => {
  test.each(edges)('%s, and no more', async (_, fits, doesNot, mistake) => {
    expect(await strict.post({ text: 'a', blocks: fits })).toMatchObject({ body: { ok: true } })
    const { body } = await strict.post({ text: 'a', blocks: doesNot })
    expect(body).toEqual({
      ok: false,
      error: 'invalid_blocks',
      errors: [mistake],
      response_metadata: { messages: [`[ERROR] ${mistake}`] },
    })
  })

  test('are read from a form, too', async () => {
    const args = { channel: channelId, text: 'a' }
    const fits = await strict.callByForm('chat.postMessage', { ...args, blocks: JSON.stringify([section('a')]) })
    expect(fits.body).toMatchObject({ ok: true })
    const long = await strict.callByForm('chat.postMessage', { ...args, blocks: JSON.stringify([section('')]) })
    expect(long.body).toMatchObject({ error: 'invalid_blocks' })
    const broken = await strict.callByForm('chat.postMessage', { ...args, blocks: '[{' })
    expect(broken.body).toMatchObject({ error: 'invalid_blocks_format' })
  })

  test('hold 13,000 characters together', async () => {
    const blocks = (last: number) => [...many(4, () => section(letters(3_000))), section(letters(last))]
    expect((await strict.post({ text: 'a', blocks: blocks(1_000) })).body).toMatchObject({ ok: true })
    expect((await strict.post({ text: 'a', blocks: blocks(1_001) })).body).toMatchObject({
      error: 'msg_blocks_too_long',
    })
  })

  test.each(['chat.update', 'chat.postEphemeral'])('of %s are no different', async (method) => {
    const args = { channel: channelId, ts: '1.0', user: 'U0SRE', text: 'a', blocks: [section('')] }
    expect((await strict.call(method, args)).body).toMatchObject({ error: 'invalid_blocks' })
  })
})

describe('a text', () => {
  test('is needed where there are no blocks', async () => {
    expect((await strict.post({})).body).toMatchObject({ error: 'no_text' })
    expect((await strict.post({ blocks: [] })).body).toMatchObject({ error: 'no_text' })
    expect((await strict.post({ blocks: [section('a')] })).body).toMatchObject({ ok: true })
  })

  test('has an end: 40,000 for a post, 4,000 for an edit', async () => {
    const { body } = await strict.post({ text: letters(40_000) })
    expect(body).toMatchObject({ ok: true })
    expect((await strict.post({ text: letters(40_001) })).body).toMatchObject({ error: 'msg_too_long' })
    const edit = (length: number) =>
      strict.call('chat.update', { channel: channelId, ts: body.ts, text: letters(length) })
    expect((await edit(4_000)).body).toMatchObject({ ok: true })
    expect((await edit(4_001)).body).toMatchObject({ error: 'msg_too_long' })
  })
})

test('nothing of what is refused appears', async () => {
  const before = await strict.texts()
  await strict.post({ text: 'refused', blocks: [section('')] })
  await strict.call('chat.postMessage', { channel: channelId, text: 'refused' }, 'other')
  expect(await strict.texts()).toEqual(before)
  await strict.call('chat.postMessage', { channel: channelId, text: 'taken' }, slackApp.botToken)
  expect((await strict.texts()).at(-1)).toBe('taken')
})
