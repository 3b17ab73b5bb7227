import type { WebClient } from '@slack/web-api'
import { z } from 'zod'
import { tell } from '../jobs/failure.ts'
import { readHeads, type ToldHead } from '../ledger/head-text.ts'
import { call } from '../slack/messenger.ts'
import type { Ask } from './patient.ts'

const self = z.object({ user_id: z.string(), bot_id: z.string().optional() })
const page = z.object({
  messages: z
    .array(
      z.object({
        user: z.string().optional(),
        bot_id: z.string().optional(),
        blocks: z.array(z.unknown()).default([]),
      }),
    )
    .default([]),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
})

/** What was read of the threads. */
export interface HeadsRead {
  readonly heads: readonly ToldHead[]
  /** The rollouts whose thread could not be read, or not to its end, with why. */
  readonly unread: readonly { readonly rollout: number; readonly why: string }[]
}

/**
 * Every head that Slipway has told in these threads, by rollout; what others wrote there does not count. A thread that can't be read
 * is named, the others are read all the same. Throws what `call` throws when Slack does not say who Slipway is there.
 */
export async function headsInThreads(
  client: WebClient,
  channel: string,
  threads: ReadonlyMap<number, string>,
  service: string,
  ask: Ask,
): Promise<HeadsRead> {
  const own = self.parse(await ask(() => call('auth.test', () => client.auth.test())))
  const heads: ToldHead[] = []
  const unread: HeadsRead['unread'][number][] = []
  for (const [rollout, ts] of threads) {
    try {
      await readThread(ts)
    } catch (error) {
      unread.push({ rollout, why: tell(error).what })
    }
  }
  return { heads, unread }

  async function readThread(ts: string): Promise<void> {
    let cursor: string | undefined
    do {
      const options = { channel, ts, limit: 200, ...(cursor && { cursor }) }
      const method = 'conversations.replies'
      const { messages, response_metadata } = page.parse(
        await ask(() => call(method, () => client.apiCall(method, options))),
      )
      const ours = messages.filter((m) => m.user === own.user_id || (m.bot_id !== undefined && m.bot_id === own.bot_id))
      for (const { blocks } of ours) heads.push(...readHeads(JSON.stringify(blocks), service))
      cursor = response_metadata?.next_cursor
    } while (cursor !== undefined && cursor !== '')
  }
}
