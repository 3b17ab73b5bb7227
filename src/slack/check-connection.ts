import type { WebClient } from '@slack/web-api'
import { z } from 'zod'
import { SlipwayError } from '../errors.ts'
import { call } from './messenger.ts'

/** What the bot token must allow; manifest.yml asks for the same. */
export const botScopes = [
  'commands',
  'app_mentions:read',
  'chat:write',
  'channels:read',
  'groups:read',
  'users:read',
  'users:read.email',
  'channels:history',
  'groups:history',
  'usergroups:read',
  'files:write',
] as const

/** Slack's words for a token that it does not take. */
const wrongToken = new Set([
  'not_authed',
  'invalid_auth',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'not_allowed_token_type',
  'no_permission',
])

const self = z.object({ user_id: z.string() })
const granted = z.object({ response_metadata: z.object({ scopes: z.array(z.string()) }) })

/**
 * Is the bot token taken, and has it every scope? Half of them would show only when they are needed. Returns the user id that
 * Slipway has by it.
 * @throws SlipwayError `slack-token` or `slack-scopes`, or what `call` throws.
 */
export async function checkBotToken(client: WebClient): Promise<string> {
  const answer = await testToken(client)
  const scopes = granted.safeParse(answer).data?.response_metadata.scopes
  // A Slack that does not tell them is asked for nothing.
  const missing = scopes === undefined ? [] : botScopes.filter((scope) => !scopes.includes(scope))
  if (missing.length > 0) throw new SlipwayError('slack-scopes', { missing: missing.join(', ') })
  return self.parse(answer).user_id
}

/** The scopes of the bot token. @throws SlipwayError `slack-token`, `slack-refused` when they are not told, or what `call` throws. */
export async function grantedScopes(client: WebClient): Promise<readonly string[]> {
  const told = granted.safeParse(await testToken(client)).data?.response_metadata.scopes
  if (told === undefined) throw new SlipwayError('slack-refused', { method: 'auth.test', error: 'scopes are not told' })
  return told
}

const testToken = (client: WebClient) =>
  namingToken('SLACK_BOT_TOKEN', () => call('auth.test', () => client.auth.test()))

/** Runs a call with a token; a refusal of the token becomes `slack-token` with its name. */
export async function namingToken<T>(name: 'SLACK_BOT_TOKEN' | 'SLACK_APP_TOKEN', run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (cause) {
    if (!(cause instanceof SlipwayError) || !('error' in cause.detail)) throw cause
    const { error } = cause.detail
    const lacksScope = name === 'SLACK_APP_TOKEN' && error.startsWith('missing_scope')
    if (wrongToken.has(error) || lacksScope) throw new SlipwayError('slack-token', { name, error }, { cause })
    throw cause
  }
}
