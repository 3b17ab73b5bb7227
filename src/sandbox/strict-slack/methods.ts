import { type Arguments, textOf } from './arguments.ts'
import type { Channel } from './channels.ts'
import type { Allowance } from './rate-limit.ts'

interface Method {
  /** Scopes that it needs whatever it is called with. */
  readonly scopes?: readonly string[]
  /** Needs this for the channel that it is called with: `channels:…` for a public, `groups:…` for a private one. */
  readonly ofChannel?: 'read' | 'history'
  readonly allowance?: Allowance
}

/** So many a minute, which may all come at once: "sporadic bursts are welcome" (docs.slack.dev/apis/web-api/rate-limits). */
const tier = (perMinute: number): Allowance => ({ burst: perMinute, every: 60_000 / perMinute })
const [tier2, tier3, tier4] = [tier(20), tier(50), tier(100)]
/**
 * One message a second to a channel; "short bursts" are allowed, without a figure (the same page). 8 is far less than what
 * others have measured: 25 (github.com/RamblingCookieMonster/PSSlack/issues/52).
 */
const posting: Allowance = { burst: 8, every: 1_000 }

/**
 * What each method of the Web API that the workspace has needs and allows, from its page below docs.slack.dev/reference/methods.
 * Methods that Slipway has no use for have no allowance here.
 */
const methods: Readonly<Record<string, Method>> = {
  'auth.test': {},
  'bots.info': { scopes: ['users:read'] },
  'chat.delete': { scopes: ['chat:write'] },
  'chat.getPermalink': {},
  'chat.meMessage': { scopes: ['chat:write'] },
  'chat.postEphemeral': { scopes: ['chat:write'], allowance: tier4 },
  'chat.postMessage': { scopes: ['chat:write'], allowance: posting },
  'chat.update': { scopes: ['chat:write'], allowance: tier3 },
  'conversations.create': { scopes: ['channels:manage'] },
  'conversations.history': { ofChannel: 'history', allowance: tier3 },
  'conversations.info': { ofChannel: 'read', allowance: tier3 },
  'conversations.list': { allowance: tier2 },
  'conversations.members': { ofChannel: 'read', allowance: tier4 },
  'conversations.open': { scopes: ['im:write'] },
  'conversations.replies': { ofChannel: 'history', allowance: tier3 },
  'emoji.list': { scopes: ['emoji:read'] },
  'files.completeUploadExternal': { scopes: ['files:write'], allowance: tier4 },
  'files.delete': { scopes: ['files:write'] },
  'files.getUploadURLExternal': { scopes: ['files:write'], allowance: tier4 },
  'files.info': { scopes: ['files:read'] },
  'files.list': { scopes: ['files:read'] },
  'reactions.add': { scopes: ['reactions:write'] },
  'reactions.remove': { scopes: ['reactions:write'] },
  'team.info': { scopes: ['team:read'] },
  'usergroups.list': { scopes: ['usergroups:read'], allowance: tier2 },
  'usergroups.users.list': { scopes: ['usergroups:read'], allowance: tier2 },
  'users.conversations': { allowance: tier3 },
  'users.info': { scopes: ['users:read'], allowance: tier4 },
  'users.list': { scopes: ['users:read'] },
  'users.lookupByEmail': { scopes: ['users:read.email'], allowance: tier3 },
  'views.open': { allowance: tier4 },
  'views.publish': { allowance: tier4 },
  'views.push': { allowance: tier4 },
  'views.update': { allowance: tier4 },
}

/** How often a call may be made, and under which name it is counted: the method's, for posts the channel's, too. Null: nobody counts. */
export function allowanceOf(method: string, channel: Channel | undefined): readonly [string, Allowance] | null {
  const allowance = methods[method]?.allowance
  if (allowance === undefined) return null
  return [method === 'chat.postMessage' ? `${method} ${channel?.id}` : method, allowance]
}

const scopeOfType: Readonly<Record<string, string>> = {
  public_channel: 'channels:read',
  private_channel: 'groups:read',
  im: 'im:read',
  mpim: 'mpim:read',
}

/** The bot scopes that a call needs. */
export function scopesOf(method: string, args: Arguments, channel: Channel | undefined): readonly string[] {
  if (method === 'conversations.list' || method === 'users.conversations')
    return (textOf(args, 'types') ?? 'public_channel')
      .split(',')
      .map((type) => scopeOfType[type.trim()] ?? 'channels:read')
  const { scopes = [], ofChannel } = methods[method] ?? {}
  if (ofChannel === undefined) return scopes
  return [...scopes, `${channel?.is_private === true ? 'groups' : 'channels'}:${ofChannel}`]
}
