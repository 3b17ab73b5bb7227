import { SlipwayError } from '../../../src/errors.ts'
import type { Message } from '../../../src/slack/message.ts'
import type { Messenger } from '../../../src/slack/messenger.ts'
import type { SimulatedProcess } from '../process.ts'
import type { Random } from '../random.ts'

/** A message as it stands in the channel or in a thread. */
export interface Posted {
  readonly ts: string
  readonly thread: string | null
  readonly id: string
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

export function createSlack(now: () => number, random: Random): Slack {
  const messages: Posted[] = []
  const told: Told[] = []
  let stamps = 0

  function messenger(process: SimulatedProcess): Messenger {
    const call = <T>(method: string, act: () => T) =>
      process.call({
        system: 'slack',
        name: method,
        act,
        failed: () =>
          random.chance(0.2)
            ? new SlipwayError('slack-throttled', { method, after: random.int(1, 15) * 1_000 })
            : new SlipwayError('slack-unreachable', { method }),
      })
    return {
      post: (message, { thread } = {}) =>
        call('chat.postMessage', () => {
          stamps += 1
          const ts = `${Math.floor(now() / 1_000)}.${String(stamps).padStart(6, '0')}`
          messages.push({ ts, thread: thread ?? null, id: idOf(message), at: now(), message })
          return ts
        }),
      edit: (ts, message) =>
        call('chat.update', () => {
          const found = messages.find((m) => m.ts === ts)
          if (found === undefined)
            throw new SlipwayError('slack-refused', { method: 'chat.update', error: 'not found' })
          found.message = message
        }),
      find: (id, where) =>
        call('conversations.history', () => {
          const range = messages.filter((m) =>
            'thread' in where
              ? m.thread === where.thread || m.ts === where.thread
              : m.thread === null && m.at >= where.since,
          )
          return range.find((m) => m.id === id)?.ts ?? null
        }),
      tell: (user, message, thread) =>
        call('chat.postEphemeral', () => {
          told.push({ user, id: idOf(message), thread, message })
        }),
    }
  }

  return { messages, told, messenger }
}

/** The `block_id` by which a message is found again. */
function idOf(message: Message): string {
  return message.blocks[0]?.block_id ?? ''
}
