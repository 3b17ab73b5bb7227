import { SlipwayError } from '../../src/errors.ts'
import type { Message } from '../../src/slack/message.ts'
import type { Messenger } from '../../src/slack/messenger.ts'

/** A message as it stands in the channel. */
export interface Posted {
  readonly ts: string
  readonly thread: string | undefined
  readonly broadcast: boolean
  message: Message
}

/** What happens to a call: done, lost on the way there, done but never answered, refused, refused for what the message says. */
export type Fate = 'done' | 'lost' | 'unanswered' | 'refused' | 'untaken' | 'throttled'

/** Slack in memory: what was posted and edited, and what becomes of the next calls. */
export interface FakeMessenger extends Messenger {
  readonly posted: Posted[]
  readonly edited: string[]
  /** Files, in the order in which they came. */
  readonly uploaded: readonly { readonly title: string; readonly content: string; readonly thread: string }[]
  /** Fates of the next posts and edits, in order; after them everything is done. */
  readonly fates: Fate[]
  /** How often a message was looked up. */
  lookUps: number
}

export function createFakeMessenger(): FakeMessenger {
  const posted: Posted[] = []
  const edited: string[] = []
  const uploaded: { title: string; content: string; thread: string }[] = []
  const fates: Fate[] = []

  function meet<T>(method: string, act: () => T): T {
    const fate = fates.shift() ?? 'done'
    if (fate === 'refused') throw new SlipwayError('slack-refused', { method, error: 'message_not_found' })
    if (fate === 'untaken') throw new SlipwayError('slack-refused', { method, error: 'msg_blocks_too_long' })
    if (fate === 'throttled') throw new SlipwayError('slack-throttled', { method, after: 1_000 })
    if (fate === 'lost') throw new SlipwayError('slack-unreachable', { method })
    const done = act()
    if (fate === 'unanswered') throw new SlipwayError('slack-unreachable', { method })
    return done
  }

  const messenger: FakeMessenger = {
    posted,
    edited,
    uploaded,
    fates,
    lookUps: 0,
    async post(message, { thread, broadcast = false } = {}) {
      return meet('chat.postMessage', () => {
        const ts = `${posted.length + 1}.0`
        posted.push({ ts, thread, broadcast, message })
        return ts
      })
    },
    async edit(ts, message) {
      meet('chat.update', () => {
        const there = posted.find((p) => p.ts === ts)
        if (there === undefined) throw new Error(`no message ${ts}`)
        there.message = message
        edited.push(ts)
      })
    },
    async upload({ title, content }, thread) {
      meet('files.completeUploadExternal', () => void uploaded.push({ title, content, thread }))
    },
    async find(ids, where) {
      messenger.lookUps += 1
      const found = new Map<string, string>()
      for (const { ts, thread, message } of posted) {
        if ('thread' in where && thread !== where.thread) continue
        for (const block of message.blocks)
          if (block.block_id !== undefined && ids.includes(block.block_id)) found.set(block.block_id, ts)
      }
      for (const { title, thread } of uploaded)
        if ('thread' in where && thread === where.thread && ids.includes(title)) found.set(title, thread)
      return found
    },
    tell: async () => undefined,
  }
  return messenger
}
