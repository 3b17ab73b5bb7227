import { SlipwayError } from '../../../src/errors.ts'
import type { Message } from '../../../src/slack/message.ts'
import type { Messenger } from '../../../src/slack/messenger.ts'
import type { SimulatedProcess } from '../process.ts'
import type { Random } from '../random.ts'
import type { Trace } from '../trace.ts'

/** A message as it stands in the channel or in a thread. */
export interface Posted {
  readonly ts: string
  readonly thread: string | null
  /** Ids of what it shows: the first of its blocks, and of each part where several were joined. */
  readonly ids: readonly string[]
  readonly at: number
  message: Message
}

/** What one person was told in private. */
export interface Told {
  readonly user: string
  readonly id: string
  readonly thread: string | undefined
  readonly message: Message
}

/** The one channel. */
export interface Slack {
  readonly messages: Posted[]
  readonly told: Told[]
  messenger(process: SimulatedProcess): Messenger
}

export function createSlack(now: () => number, random: Random, trace: Trace): Slack {
  const messages: Posted[] = []
  const told: Told[] = []
  let stamps = 0

  function messenger(process: SimulatedProcess): Messenger {
    const call = <T>(method: string, act: () => T) =>
      process.call({
        system: 'slack',
        name: method,
        act,
        failed: (refused) =>
          refused && random.chance(0.3)
            ? new SlipwayError('slack-throttled', { method, after: random.int(1, 15) * 1_000 })
            : new SlipwayError('slack-unreachable', { method }),
      })
    return {
      post: (message, { thread } = {}) =>
        call('chat.postMessage', () => {
          stamps += 1
          const ts = `${Math.floor(now() / 1_000)}.${String(stamps).padStart(6, '0')}`
          const ids = idsOf(message)
          trace(() => `${process.name} posts ${ids.join(', ')}`)
          messages.push({ ts, thread: thread ?? null, ids, at: now(), message })
          return ts
        }),
      edit: (ts, message) =>
        call('chat.update', () => {
          const found = messages.find((m) => m.ts === ts)
          if (found === undefined)
            throw new SlipwayError('slack-refused', { method: 'chat.update', error: 'not found' })
          found.message = message
        }),
      upload: ({ title }, thread) =>
        call('files.completeUploadExternal', () => {
          stamps += 1
          const ts = `${Math.floor(now() / 1_000)}.${String(stamps).padStart(6, '0')}`
          messages.push({ ts, thread, ids: [title], at: now(), message: { text: '', blocks: [] } })
        }),
      find: (ids, where) =>
        call('conversations.history', () => {
          const range = messages.filter((m) =>
            'thread' in where
              ? m.thread === where.thread || m.ts === where.thread
              : m.thread === null && m.at >= where.since,
          )
          return new Map(range.flatMap((m) => m.ids.filter((id) => ids.includes(id)).map((id) => [id, m.ts] as const)))
        }),
      tell: (user, message, thread) =>
        call('chat.postEphemeral', () => {
          told.push({ user, id: idsOf(message)[0] ?? '', thread, message })
        }),
    }
  }

  return { messages, told, messenger }
}

/** The `block_id`s by which the message is found again. */
function idsOf(message: Message): readonly string[] {
  return message.blocks.flatMap(({ block_id: id }) => id ?? [])
}
