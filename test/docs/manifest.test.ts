import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { botScopes } from '../../src/slack/check-connection.ts'
import { usages } from '../../src/slack/usages.ts'
import { found } from './sources.ts'

const manifest = z
  .object({
    features: z.object({
      bot_user: z.object({ display_name: z.string() }),
      slash_commands: z.array(
        z.object({
          command: z.string(),
          description: z.string().max(2_000),
          usage_hint: z.string().max(1_000),
          should_escape: z.boolean(),
        }),
      ),
    }),
    oauth_config: z.object({ scopes: z.strictObject({ bot: z.array(z.string()) }) }),
    settings: z.object({
      event_subscriptions: z.object({ bot_events: z.array(z.string()) }),
      interactivity: z.object({ is_enabled: z.boolean() }),
      socket_mode_enabled: z.boolean(),
    }),
  })
  .parse(parse(readFileSync('manifest.yml', 'utf8')))

/**
 * The bot scopes that each Web API method needs, from its page at docs.slack.dev/reference/methods. Those of conversations are
 * for public and private channels, as the configured channel may be either.
 */
const scopesByMethod: ReadonlyMap<string, readonly string[]> = new Map([
  ['apps.connections.open', []], // with the app-level token
  ['auth.test', []],
  ['chat.postEphemeral', ['chat:write']],
  ['chat.postMessage', ['chat:write']],
  ['chat.update', ['chat:write']],
  ['conversations.history', ['channels:history', 'groups:history']],
  ['conversations.info', ['channels:read', 'groups:read']],
  ['conversations.list', ['channels:read', 'groups:read']],
  ['conversations.replies', ['channels:history', 'groups:history']],
  ['files.completeUploadExternal', ['files:write']],
  ['usergroups.list', ['usergroups:read']],
  ['users.conversations', ['channels:read', 'groups:read']],
  ['users.info', ['users:read']],
  ['users.lookupByEmail', ['users:read', 'users:read.email']],
  ['views.open', []],
  ['views.publish', []],
  ['views.update', []],
])

const scopesByEvent: ReadonlyMap<string, readonly string[]> = new Map([
  ['app_home_opened', []],
  ['app_mention', ['app_mentions:read']],
])

const families =
  'apps|auth|bookmarks|bots|canvases|chat|conversations|dnd|emoji|files|pins|reactions|reminders|search|team|usergroups|users|views'

/** Methods by their names in quotes, and as members of a client. */
const methods = [
  ...new Set([
    ...found(new RegExp(`['"\`]((?:${families})\\.[a-zA-Z.]+)['"\`]`, 'g')),
    ...found(new RegExp(`\\bclient\\s*\\.((?:${families})\\.[a-zA-Z.]+)\\(`, 'g')),
  ]),
]
const commands = found(/\.command\(\s*'([^']+)'/g)
const events = found(/\.event\(\s*'([^']+)'/g)

/** The scopes that what is used needs; fails for what the table doesn't know. */
function scopesOf(used: readonly string[], table: ReadonlyMap<string, readonly string[]>): readonly string[] {
  return used.flatMap((name) => {
    const scopes = table.get(name)
    if (scopes === undefined)
      throw new Error(`${name} is used in src/: add it with its scopes to the table of this test`)
    return scopes
  })
}

describe('manifest.yml', () => {
  it('asks for every scope that the code needs, and for no other', () => {
    const needed = [
      ...scopesOf(methods, scopesByMethod),
      ...scopesOf(events, scopesByEvent),
      ...(commands.length > 0 ? ['commands'] : []),
    ]
    expect(manifest.oauth_config.scopes.bot.toSorted()).toEqual([...new Set(needed)].toSorted())
  })

  it('asks for the scopes that are checked at the start', () => {
    expect(manifest.oauth_config.scopes.bot).toEqual([...botScopes])
  })

  it('is told with as many scopes as it has', () => {
    const numbers = ['seven', 'eight', 'nine', 'ten', 'eleven', 'twelve', 'thirteen']
    const told = ['SECURITY.md', 'docs/guide.md'].map(
      (file) => /(?:the|asks for) (\w+) permissions/.exec(readFileSync(file, 'utf8'))?.[1] ?? '',
    )
    const { length } = manifest.oauth_config.scopes.bot
    expect(told.map((word) => numbers.indexOf(word) + 7)).toEqual([length, length])
  })

  it('is compared with methods that were really found', () => {
    expect(methods).toEqual(expect.arrayContaining(['chat.postMessage', 'chat.update', 'conversations.replies']))
  })

  it('has the commands and events that the code listens to', () => {
    expect(manifest.features.slash_commands.map((c) => c.command).toSorted()).toEqual(commands)
    expect(manifest.settings.event_subscriptions.bot_events.toSorted()).toEqual(events)
  })

  it('hints at every word of /deploy, in the order of its help', () => {
    const [deploy] = manifest.features.slash_commands
    const words = deploy?.usage_hint.split('|').map((part) => part.trim().split(' ')[0])
    expect(words).toEqual(Object.keys(usages))
  })

  it('has people named by their id', () => {
    expect(manifest.features.slash_commands.map((c) => c.should_escape)).toEqual([true])
  })

  it('has buttons and forms, and the socket', () => {
    expect(manifest.settings.interactivity.is_enabled).toBe(true)
    expect(manifest.settings.socket_mode_enabled).toBe(true)
  })
})
