import { WebAPIPlatformError } from '@slack/web-api'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { Secret } from '../../src/config/secret.ts'
import type { Turn } from '../../src/ledger/pace.ts'
import { channelId, slackApp, userOf } from '../../src/sandbox/slack-workspace.ts'
import { createClient } from '../../src/slack/app.ts'
import { textMessage } from '../../src/slack/message.ts'
import { call, createMessenger, type Messenger } from '../../src/slack/messenger.ts'
import { type Strict, startStrict } from '../sandbox/strict-slack/strict.ts'

let strict: Strict
let messenger: Messenger
const held: [Turn, number][] = []
beforeAll(async () => {
  strict = await startStrict()
  const connection = { kind: 'socket', appToken: new Secret(slackApp.appToken) } as const
  const environment = { botToken: new Secret(slackApp.botToken), connection, apiUrl: strict.slack.apiUrl }
  const pace = { hold: async (turn: Turn, ms: number) => void held.push([turn, ms]) }
  messenger = createMessenger(createClient(environment, 20_000), () => channelId, pace)
})
beforeEach(() => {
  held.length = 0
  strict.slack.setFault(null)
  strict.time += 3_600_000
})
afterAll(() => strict.stop())

const message = textMessage('answer/1', 'Hello')

test('a pause that Slack asks for is kept to by everybody, and told', async () => {
  const ts = await messenger.post(message)
  strict.slack.setFault('throttled')
  await expect(messenger.post(message)).rejects.toMatchObject({ code: 'slack-throttled', detail: { after: 2_000 } })
  await expect(messenger.edit(ts, message)).rejects.toMatchObject({ code: 'slack-throttled' })
  expect(held).toEqual([
    ['post', 2_000],
    ['edit', 2_000],
  ])
})

test('what is too much is refused by its name, and was not posted', async () => {
  const before = (await strict.texts()).length
  const posts = await Promise.allSettled(Array.from({ length: 10 }, () => messenger.post(message)))
  const refused = posts.filter(({ status }) => status === 'rejected')
  expect(refused).toHaveLength(2)
  expect(refused).toEqual(
    Array(2).fill(expect.objectContaining({ reason: expect.objectContaining({ code: 'slack-throttled' }) })),
  )
  expect((await strict.texts()).length - before).toBe(8)
})

test.each([
  ['failing', 'slack-unreachable'],
  ['off', 'slack-unreachable'],
  ['nonsense', 'slack-unreachable'],
] as const)('Slack %s is an outcome that is not known', async (fault, code) => {
  strict.slack.setFault(fault)
  await expect(messenger.post(message)).rejects.toMatchObject({ code })
  expect(held).toEqual([])
})

test.each(['internal_error', 'fatal_error', '<html><body>Hello</body></html>'])(
  '%s may come after the deed',
  async (error) => {
    const failed = new WebAPIPlatformError({ ok: false, error })
    await expect(call('chat.postMessage', () => Promise.reject(failed))).rejects.toMatchObject({
      code: 'slack-unreachable',
    })
  },
)

test('a refusal has Slack’s word, with the scope that is missing', async () => {
  await expect(messenger.tell('U0STRANGER', message)).rejects.toMatchObject({
    code: 'slack-refused',
    detail: { method: 'chat.postEphemeral', error: 'user_not_in_channel' },
  })
  await messenger.tell(userOf('sre'), message)
  strict.slack.scopes.bot.delete('chat:write')
  await expect(messenger.post(message)).rejects.toMatchObject({
    code: 'slack-refused',
    detail: { error: 'missing_scope (chat:write)' },
  })
  strict.slack.scopes.bot.add('chat:write')
})

test('a file is shown in a thread, and found there again by its title', async () => {
  const thread = await messenger.post(message)
  const file = { name: 'readiness-5.1.0.json', title: 'report/1.json', content: '{"a":"ü"}' }
  expect(await messenger.find([file.title], { thread })).toEqual(new Map())
  await messenger.upload(file, thread)
  expect([...(await messenger.find([file.title], { thread })).keys()]).toEqual([file.title])
  expect(await strict.files()).toEqual([{ name: file.name, content: file.content }])
})

test('a file that Slack does not take is refused with its word, and one that it does not answer is in doubt', async () => {
  const thread = await messenger.post(message)
  const file = { name: 'readiness-5.1.0.json', title: 'report/2.json', content: '{}' }
  strict.slack.scopes.bot.delete('files:write')
  await expect(messenger.upload(file, thread)).rejects.toMatchObject({
    code: 'slack-refused',
    detail: { error: 'missing_scope (files:write)' },
  })
  strict.slack.scopes.bot.add('files:write')
  strict.slack.setFault('failing')
  await expect(messenger.upload(file, thread)).rejects.toMatchObject({ code: 'slack-unreachable' })
})
