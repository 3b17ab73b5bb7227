import type { WebClient } from '@slack/web-api'
import { z } from 'zod'
import { readHeads, type ToldHead } from '../ledger/head-text.ts'
import { call } from '../slack/messenger.ts'

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

/** Every head that Slipway has told in these threads; what others wrote there does not count. Throws what `call` throws. */
export async function headsInThreads(
  client: WebClient,
  channel: string,
  threads: Iterable<string>,
  service: string,
): Promise<readonly ToldHead[]> {
  const own = self.parse(await call('auth.test', () => client.auth.test()))
  const heads: ToldHead[] = []
  for (const ts of threads) {
    let cursor: string | undefined
    do {
      const options = { channel, ts, limit: 200, ...(cursor && { cursor }) }
      const answer = await call('conversations.replies', () => client.apiCall('conversations.replies', options))
      const { messages, response_metadata } = page.parse(answer)
      const ours = messages.filter((m) => m.user === own.user_id || (m.bot_id !== undefined && m.bot_id === own.bot_id))
      for (const { blocks } of ours) heads.push(...readHeads(JSON.stringify(blocks), service))
      cursor = response_metadata?.next_cursor
    } while (cursor !== undefined && cursor !== '')
  }
  return heads
}
