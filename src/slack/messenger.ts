import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, type WebClient } from '@slack/web-api'
import { z } from 'zod'
import { SlipwayError } from '../errors.ts'
import type { Pace, Turn } from '../ledger/pace.ts'
import type { Message } from './message.ts'

/** How much earlier than this process's own time Slack may stamp a message, in ms: so far back it is looked for. */
export const clocksDiffer = 60_000

/** Posts to the one channel. Every method throws `slack-refused`, `slack-throttled` or `slack-unreachable`. */
export interface Messenger {
  /** Posts, into a thread where one is named; returns the message's timestamp. */
  post(message: Message, where?: { readonly thread?: string; readonly broadcast?: boolean }): Promise<string>
  edit(ts: string, message: Message): Promise<void>
  /** Shows a file in a thread. `title` is what it is found by again. */
  upload(file: UploadedFile, thread: string): Promise<void>
  /** Which of these ids (of blocks, or titles of files) are there, with their message's timestamp: in the thread, or in the channel since `since` (ms). */
  find(
    ids: readonly string[],
    where: { readonly thread: string } | { readonly since: number },
  ): Promise<ReadonlyMap<string, string>>
  /** Tells one person, visible to nobody else. */
  tell(user: string, message: Message, thread?: string): Promise<void>
}

/** A file to be shown. */
export interface UploadedFile {
  readonly name: string
  readonly title: string
  readonly content: string
}

const posted = z.object({ ts: z.string() })
const page = z.object({
  messages: z
    .array(
      z.object({
        ts: z.string(),
        blocks: z.array(z.looseObject({ block_id: z.string().optional() })).optional(),
        files: z.array(z.looseObject({ title: z.string().optional() })).optional(),
      }),
    )
    .default([]),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
})

/** A pause that Slack asks for holds for every process that shares `pace`. */
export function createMessenger(client: WebClient, channelId: () => string, pace: Pick<Pace, 'hold'>): Messenger {
  async function heeding<T>(turn: Turn, work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (error) {
      // Redis away: the queue keeps to the pause all the same.
      if (error instanceof SlipwayError && error.code === 'slack-throttled' && 'after' in error.detail)
        await pace.hold(turn, error.detail.after).catch(() => undefined)
      throw error
    }
  }
  const open = (message: Message) => ({ channel: channelId(), text: message.text, blocks: [...message.blocks] })
  return {
    async post(message, { thread, broadcast } = {}) {
      const extra = thread === undefined ? {} : { thread_ts: thread, reply_broadcast: broadcast ?? false }
      const content = { ...open(message), unfurl_links: false, unfurl_media: false, ...extra }
      const answer = call('chat.postMessage', () => client.apiCall('chat.postMessage', content))
      return posted.parse(await heeding('post', answer)).ts
    },
    async edit(ts, message) {
      const content = { ...open(message), ts }
      await heeding(
        'edit',
        call('chat.update', () => client.chat.update(content)),
      )
    },
    async upload({ name, title, content }, thread) {
      const file = { filename: name, title, content }
      const where = { channel_id: channelId(), thread_ts: thread }
      await heeding(
        'post',
        call('files.completeUploadExternal', () => client.filesUploadV2({ ...where, ...file })),
      )
    },
    async find(ids, where) {
      const method = 'thread' in where ? 'conversations.replies' : 'conversations.history'
      const range = 'thread' in where ? { ts: where.thread } : { oldest: String(where.since / 1_000) }
      const found = new Map<string, string>()
      let cursor: string | undefined
      do {
        const answer = await call(method, () =>
          client.apiCall(method, { channel: channelId(), limit: 200, ...range, ...(cursor && { cursor }) }),
        )
        const { messages, response_metadata } = page.parse(answer)
        for (const { ts, blocks = [], files = [] } of messages) {
          const shown = [...blocks.map((block) => block.block_id), ...files.map((file) => file.title)]
          for (const id of shown) if (id !== undefined && ids.includes(id)) found.set(id, ts)
        }
        cursor = response_metadata?.next_cursor
      } while (cursor !== undefined && cursor !== '' && found.size < ids.length)
      return found
    },
    async tell(user, message, thread) {
      await call('chat.postEphemeral', () =>
        client.apiCall('chat.postEphemeral', { ...open(message), user, ...(thread && { thread_ts: thread }) }),
      )
    },
  }
}

const scope = z.object({ error: z.literal('missing_scope'), needed: z.string() })

/** Slack's word for a refusal, with the scope that it misses. */
function reasonOf({ data }: WebAPIPlatformError): string {
  const lacks = scope.safeParse(data)
  return lacks.success ? `missing_scope (${lacks.data.needed})` : data.error
}

/** Slack's words for a message that it does not take as it is: trying again changes nothing (docs.slack.dev, Errors of chat.postMessage). */
const untakeable: readonly unknown[] = [
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_blocks_too_long',
  'msg_too_long',
  'no_text',
]

/** Was a message refused for what it says, not for where or by whom it was to be said? */
export function isUntakeable(error: unknown): boolean {
  if (!(error instanceof SlipwayError) || error.code !== 'slack-refused') return false
  return 'error' in error.detail && untakeable.includes(error.detail.error)
}

/** Slack's words for its own troubles: what was asked for may have been done (docs.slack.dev, Errors of every method). */
const ownTroubles = new Set(['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout'])
/** What its words look like. Whatever else stands in their place is not Slack's: an answer that could not be read, for instance. */
const word = /^[a-z0-9_]+$/

const isRefusal = ({ data }: WebAPIPlatformError) => word.test(data.error) && !ownTroubles.has(data.error)

/** Runs a call of Slack's API; what goes wrong becomes an error of the table: a refusal only where nothing was done. */
export async function call<T>(method: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (cause) {
    if (cause instanceof WebAPIPlatformError && isRefusal(cause))
      throw new SlipwayError('slack-refused', { method, error: reasonOf(cause) }, { cause })
    if (cause instanceof WebAPIRateLimitedError)
      throw new SlipwayError('slack-throttled', { method, after: cause.retryAfter * 1_000 }, { cause })
    if (cause instanceof WebAPIHTTPError && cause.statusCode < 500)
      throw new SlipwayError('slack-refused', { method, error: `status ${cause.statusCode}` }, { cause })
    throw new SlipwayError('slack-unreachable', { method }, { cause })
  }
}
