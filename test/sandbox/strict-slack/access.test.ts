import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { channelId, outsider, slackApp, userOf } from '../../../src/sandbox/slack-workspace.ts'
import { type Strict, startStrict } from './strict.ts'

const { botToken, appToken } = slackApp
const no = (error: string) => ({ status: 200, body: { ok: false, error } })
const yes = { status: 200, body: { ok: true } }

let strict: Strict
beforeAll(async () => {
  strict = await startStrict()
})
beforeEach(() => {
  // Full buckets: how often is none of this file's business.
  strict.time += 3_600_000
})
afterAll(() => strict.stop())

describe('a token', () => {
  test('is needed', async () => {
    expect(await strict.call('auth.test', {}, null)).toMatchObject(no('not_authed'))
  })

  test('must be one of the app', async () => {
    expect(await strict.call('auth.test', {}, 'xoxb-other')).toMatchObject(no('invalid_auth'))
    expect(await strict.call('apps.connections.open', {}, 'xapp-other')).toMatchObject(no('invalid_auth'))
    strict.slack.tokens.bot.add('xoxb-other')
    expect(await strict.call('auth.test', {}, 'xoxb-other')).toMatchObject(yes)
    strict.slack.tokens.bot.delete('xoxb-other')
    expect(await strict.call('auth.test', {}, 'xoxb-other')).toMatchObject(no('invalid_auth'))
  })

  test('must be of the kind that the method takes', async () => {
    expect(await strict.call('apps.connections.open', {}, botToken)).toMatchObject(no('not_allowed_token_type'))
    expect(await strict.call('chat.postMessage', {}, appToken)).toMatchObject(no('not_allowed_token_type'))
  })

  test('may come as an argument, too', async () => {
    expect(await strict.call('auth.test', { token: botToken }, null)).toMatchObject(yes)
    expect(await strict.call('auth.test', { token: 'other' }, null)).toMatchObject(no('invalid_auth'))
  })
})

describe('a scope that is missing', () => {
  const scopes = () => strict.slack.scopes
  test('is named, with those that are there', async () => {
    scopes().bot.delete('chat:write')
    const { body } = await strict.post({ text: 'a' })
    const provided =
      'commands,app_mentions:read,channels:read,groups:read,users:read,users:read.email,channels:history,groups:history,usergroups:read,files:write'
    expect(body).toEqual({ ok: false, error: 'missing_scope', needed: 'chat:write', provided })
    scopes().bot.add('chat:write')
    expect(await strict.post({ text: 'a' })).toMatchObject(yes)
  })

  test.each([
    ['conversations.info', { channel: channelId }, 'channels:read'],
    ['conversations.replies', { channel: channelId, ts: '1.0' }, 'channels:history'],
    ['conversations.list', { types: 'public_channel,private_channel' }, 'groups:read'],
  ])('%s', async (method, args, scope) => {
    expect(await strict.call(method, args)).toMatchObject(yes)
    scopes().bot.delete(scope)
    expect(await strict.call(method, args)).toMatchObject(no('missing_scope'))
    scopes().bot.add(scope)
  })

  test('of a method that the manifest does not ask for', async () => {
    const { body } = await strict.call('conversations.create', { name: 'other' })
    expect(body).toMatchObject({ error: 'missing_scope', needed: 'channels:manage' })
  })

  test('of the app-level token', async () => {
    scopes().app.clear()
    const { body } = await strict.call('apps.connections.open', {}, appToken)
    expect(body).toEqual({ ok: false, error: 'missing_scope', needed: 'connections:write', provided: '' })
    scopes().app.add('connections:write')
  })
})

describe('a channel', () => {
  test('must be there', async () => {
    for (const method of ['chat.postMessage', 'chat.update', 'chat.postEphemeral', 'conversations.info'])
      expect([method, await strict.call(method, { channel: 'C0NONE', text: 'a' })]).toMatchObject([
        method,
        no('channel_not_found'),
      ])
    expect(await strict.call('chat.postMessage', { text: 'a' })).toMatchObject(no('channel_not_found'))
  })

  test('may be named by its name', async () => {
    expect(await strict.call('chat.postMessage', { channel: '#releases', text: 'a' })).toMatchObject(yes)
    expect(await strict.callByForm('chat.postMessage', { channel: 'releases', text: 'a' })).toMatchObject(yes)
  })

  test('must have the bot in it to post and to read', async () => {
    strict.slack.left.add(channelId)
    const ephemeral = { channel: channelId, user: userOf('sre'), text: 'a' }
    expect(await strict.post({ text: 'a' })).toMatchObject(no('not_in_channel'))
    expect(await strict.call('chat.postEphemeral', ephemeral)).toMatchObject(no('not_in_channel'))
    expect(await strict.call('conversations.history', { channel: channelId })).toMatchObject(no('not_in_channel'))
    expect((await strict.call('conversations.info', { channel: channelId })).body).toMatchObject({
      channel: { is_member: false },
    })
    expect((await strict.call('conversations.list', {})).body).toMatchObject({
      channels: [{ id: channelId, is_member: false }, { is_member: true }],
    })
    strict.slack.left.delete(channelId)
    expect(await strict.call('chat.postEphemeral', ephemeral)).toMatchObject(yes)
    expect((await strict.call('conversations.info', { channel: channelId })).body).toMatchObject({
      channel: { is_member: true },
    })
  })
})

test('an ephemeral message is for members alone', async () => {
  const tell = (user: string) => strict.call('chat.postEphemeral', { channel: channelId, user, text: 'a' })
  expect(await tell(outsider.id)).toMatchObject(yes)
  expect(await tell('U0STRANGER')).toMatchObject(no('user_not_in_channel'))
})

describe('user groups', () => {
  test('need their scope', async () => {
    strict.slack.scopes.bot.delete('usergroups:read')
    expect((await strict.call('usergroups.list', {})).body).toMatchObject({ needed: 'usergroups:read' })
    strict.slack.scopes.bot.add('usergroups:read')
  })

  test('are listed, with their people when asked for', async () => {
    const { body } = await strict.callByForm('usergroups.list', { include_users: 'true', include_count: 'true' })
    expect(body).toMatchObject({
      ok: true,
      usergroups: [
        { id: 'S0SRE', handle: 'sre', name: 'SRE', users: ['U0SRE'], user_count: 1 },
        { id: 'S0COMMANDER', handle: 'commander', users: ['U0COMMANDER'] },
      ],
    })
    expect(JSON.stringify((await strict.call('usergroups.list', {})).body)).not.toContain('U0SRE')
    expect(await strict.call('usergroups.users.list', { usergroup: 'S0SRE' })).toMatchObject({
      body: { ok: true, users: ['U0SRE'] },
    })
    expect(await strict.call('usergroups.users.list', { usergroup: 'S0NONE' })).toMatchObject(no('no_such_subteam'))
  })

  test('that are switched off are there only when asked for', async () => {
    const [sre] = strict.slack.userGroups
    if (sre === undefined) throw new Error('no groups')
    const before = strict.slack.userGroups
    strict.slack.userGroups = [{ ...sre, disabled: true }]
    const args = { usergroup: sre.id }
    expect(await strict.call('usergroups.users.list', args)).toMatchObject(no('no_such_subteam'))
    expect(await strict.call('usergroups.users.list', { ...args, include_disabled: true })).toMatchObject(yes)
    strict.slack.userGroups = before
  })

  test('need a paid workspace', async () => {
    strict.slack.plan = 'free'
    for (const method of ['usergroups.list', 'usergroups.users.list'])
      expect(await strict.call(method, { usergroup: 'S0SRE' })).toMatchObject(no('plan_upgrade_required'))
    strict.slack.plan = 'paid'
  })
})

test('keeps what it refused', async () => {
  const before = strict.slack.refused.length
  await strict.call('auth.test', {}, 'other')
  await strict.call('auth.test', {})
  expect(strict.slack.refused.slice(before)).toEqual([{ method: 'auth.test', error: 'invalid_auth' }])
})
