import type { IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { z } from 'zod'
import { type Arguments, readArguments, textOf } from './arguments.ts'
import { channelOf, channelRefusal, readChannels } from './channels.ts'
import { type Credentials, scopeRefusal, socketMethod, socketScope, tokenKindOf } from './credentials.ts'
import { messageRefusal, viewRefusal } from './messages.ts'
import { allowanceOf, scopesOf } from './methods.ts'
import type { RateLimit } from './rate-limit.ts'
import { type Refusal, refusal, throttled } from './refusal.ts'
import type { Triggers } from './triggers.ts'
import { answerUserGroups, type UserGroup, type WorkspacePlan } from './user-groups.ts'

/** Slack as it is at the moment. */
export interface Rules extends Credentials {
  /** User id of the bot. */
  readonly bot: string
  /** Ids of the channels that the bot was taken out of. */
  readonly left: ReadonlySet<string>
  readonly userGroups: readonly UserGroup[]
  readonly profiles: ReadonlyMap<string, Readonly<Record<string, unknown>>>
  readonly plan: WorkspacePlan
  readonly rateLimit: RateLimit
  readonly triggers: Triggers
}

/** The workspace behind, and where it is reached through this layer. */
export interface Places {
  readonly behind: string
  readonly before: string
}

/** What is sent back. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

/** Refuses a call that Slack would refuse, and has the workspace answer every other. */
export async function answerCall(
  request: IncomingMessage,
  method: string,
  rules: Rules,
  places: Places,
): Promise<Answer> {
  const body = await buffer(request)
  const { 'content-type': type = '' } = request.headers
  const url = new URL(request.url ?? '/', places.before)
  const isFile = type.startsWith('multipart/')
  const args = readArguments(url, type, isFile ? '' : body.toString())
  if (args === null) return refusal(type.startsWith('application/json') ? 'invalid_json' : 'invalid_form_data')
  const kind = tokenKindOf(rules, method, request.headers, args)
  if (typeof kind !== 'string') return kind
  const headers = { 'x-oauth-scopes': [...rules.scopes[kind]].join(',') }
  const refused = await refusalOf(method, args, rules, places)
  if (refused !== null) return { ...refused, headers: { ...headers, ...refused.headers } }
  const ours = answerUserGroups(method, args, rules.userGroups, rules.plan)
  if (ours !== null) return { status: 200, headers, body: ours.body }
  const answered = await passed(request, url, body, places)
  const trigger = textOf(args, 'trigger_id')
  if (trigger !== undefined && isOk.safeParse(answered.body).success) rules.triggers.used(trigger)
  return { ...answered, headers, body: adapted(answered.body, rules, places) }
}

const isOk = z.object({ ok: z.literal(true) })

async function refusalOf(method: string, args: Arguments, rules: Rules, { behind }: Places): Promise<Refusal | null> {
  if (method === socketMethod) return scopeRefusal(rules.scopes.app, [socketScope])
  const channels = (await readChannels(behind)).map((channel) =>
    rules.left.has(channel.id) ? { ...channel, members: channel.members.filter((id) => id !== rules.bot) } : channel,
  )
  const channel = channelOf(channels, args)
  const lacking = scopeRefusal(rules.scopes.bot, scopesOf(method, args, channel))
  if (lacking !== null) return lacking
  const counted = allowanceOf(method, channel)
  const after = counted === null ? 0 : rules.rateLimit.count(...counted)
  if (after > 0) return throttled(after)
  const wrong = channelRefusal(method, args, channel, rules.bot) ?? messageRefusal(method, args)
  if (wrong !== null) return wrong
  if (method !== 'views.open' && method !== 'views.push') return viewRefusal(method, args)
  const late = rules.triggers.refuse(textOf(args, 'trigger_id'))
  return late === null ? viewRefusal(method, args) : refusal(late)
}

async function passed(request: IncomingMessage, url: URL, body: Buffer, { behind }: Places) {
  const { 'content-type': type = 'application/json', authorization = '' } = request.headers
  const { method = 'POST' } = request
  const response = await fetch(`${behind}${url.pathname}${url.search}`, {
    method,
    headers: { 'content-type': type, authorization },
    ...(method !== 'GET' && { body: new Uint8Array(body) }),
  })
  return { status: response.status, body: z.record(z.string(), z.unknown()).parse(await response.json()) }
}

const withId = z.looseObject({ id: z.string() })
const conversation = z.looseObject({ id: z.string(), is_private: z.boolean() })

/** The workspace's answer, with what it can't know: the address of the socket, and where the bot is no more. */
function adapted(
  body: Readonly<Record<string, unknown>>,
  { left, profiles }: Rules,
  { behind, before }: Places,
): unknown {
  const without = (channel: unknown) => {
    const found = withId.safeParse(channel)
    return found.success && left.has(found.data.id) ? { ...found.data, is_member: false } : channel
  }
  const visible = (channel: unknown) => {
    const found = conversation.safeParse(channel)
    return !found.success || !found.data.is_private || !left.has(found.data.id)
  }
  const { url, channel, channels, user } = body
  const person = withId.safeParse(user).data
  const [shown, instead] = [behind, before].map((address) => address.replace(/^http/, 'ws'))
  return {
    ...body,
    ...(typeof url === 'string' && { url: url.replace(shown ?? '', instead ?? '') }),
    ...(typeof channel === 'object' && { channel: without(channel) }),
    ...(person !== undefined && { user: { ...person, ...profiles.get(person.id) } }),
    ...(Array.isArray(channels) && { channels: channels.filter(visible).map(without) }),
  }
}
