import type { IncomingHttpHeaders } from 'node:http'
import { type Arguments, textOf } from './arguments.ts'
import { type Refusal, refusal } from './refusal.ts'

/** The two kinds of token of an app. */
export type TokenKind = 'bot' | 'app'

/** What the app may do: the tokens that are taken, and the scopes of each kind. May be changed at any time. */
export interface Credentials {
  readonly tokens: Readonly<Record<TokenKind, Set<string>>>
  readonly scopes: Readonly<Record<TokenKind, Set<string>>>
}

/** The one method for app-level tokens that Slipway calls, and the scope that it needs (docs.slack.dev/reference/methods/apps.connections.open). */
export const socketMethod = 'apps.connections.open'
export const socketScope = 'connections:write'

/** Which token a call carries, in the header or as an argument, or why Slack would not take it. */
export function tokenKindOf(
  { tokens }: Credentials,
  method: string,
  headers: IncomingHttpHeaders,
  args: Arguments,
): TokenKind | Refusal {
  const token = headers.authorization?.replace(/^Bearer /, '') ?? textOf(args, 'token')
  if (token === undefined) return refusal('not_authed')
  const kind = tokens.bot.has(token) ? 'bot' : tokens.app.has(token) ? 'app' : null
  if (kind === null) return refusal('invalid_auth')
  return kind === (method === socketMethod ? 'app' : 'bot') ? kind : refusal('not_allowed_token_type')
}

/** Why these scopes are not enough; null when they are. */
export function scopeRefusal(granted: ReadonlySet<string>, needed: readonly string[]): Refusal | null {
  if (needed.every((scope) => granted.has(scope))) return null
  return refusal('missing_scope', { needed: needed.join(','), provided: [...granted].join(',') })
}
